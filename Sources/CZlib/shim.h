// zlib as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CZLIB_SHIM_H
#define TORII_CZLIB_SHIM_H

#include <zlib.h>

#endif
