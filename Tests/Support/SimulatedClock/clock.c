// libssl and usrsctp read the time with `gettimeofday`, through the dynamic linker. A test program that defines the
// function is therefore asked instead, and both libraries obey the simulated clock of the thread they run on. Threads
// without one get the real time.
#include "SimulatedClock.h"

#include <sys/time.h>
#include <time.h>

static _Thread_local int64_t virtual_time;

void torii_set_virtual_time(int64_t microseconds) { virtual_time = microseconds; }

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    (void)zone;
    if (virtual_time > 0) {
        tv->tv_sec = virtual_time / 1000000;
        tv->tv_usec = virtual_time % 1000000;
        return 0;
    }
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }
    tv->tv_sec = now.tv_sec;
    tv->tv_usec = now.tv_nsec / 1000;
    return 0;
}
