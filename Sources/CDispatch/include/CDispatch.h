// What keeps libdispatch from ending the process when it runs out of descriptors; open.c says how.
#ifndef TORII_CDISPATCH_H
#define TORII_CDISPATCH_H
#endif
