#ifndef TORII_SIMULATED_CLOCK_H
#define TORII_SIMULATED_CLOCK_H

#include <stdint.h>

/// Sets what the calling thread's `gettimeofday` says, in microseconds since 1970; 0 gives it back the real time.
void torii_set_virtual_time(int64_t microseconds);

#endif
