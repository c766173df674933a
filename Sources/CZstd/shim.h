// zstd as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CZSTD_SHIM_H
#define TORII_CZSTD_SHIM_H

#include <zstd.h>

#endif
