// libenet as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CENET_SHIM_H
#define TORII_CENET_SHIM_H

#include <enet/enet.h>

#endif
