// Once a second, while work waits for one of its threads, libdispatch looks at how many of them run, in each one's
// /proc/TID/stat; where that cannot be opened it takes the thread for gone and traps (src/event/workqueue.c). A process that is
// out of descriptors, or on a host that is, would end by that. What it does with a file that it opened and cannot read is to
// go on. So it gets one: this `open` stands before libc's, for libdispatch calls it by name.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>

// No process has so many (proc(5), nr_open). Reading it and closing it fail with EBADF.
enum { NO_DESCRIPTOR = INT_MAX };

static int is_state_of_a_thread(const char *path) {
    static const char folder[] = "/proc/";
    if (strncmp(path, folder, sizeof folder - 1) != 0) return 0;
    const char *number = path + sizeof folder - 1;
    size_t length = strspn(number, "0123456789");
    return length > 0 && strcmp(number + length, "/stat") == 0;
}

int open(const char *path, int flags, ...) {
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    int descriptor = openat(AT_FDCWD, path, flags, mode);
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE) && is_state_of_a_thread(path)) return NO_DESCRIPTOR;
    return descriptor;
}
