// usrsctp as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CUSRSCTP_SHIM_H
#define TORII_CUSRSCTP_SHIM_H

#include <usrsctp.h>

#endif
