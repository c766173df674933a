#ifndef TORII_HEAP_IN_USE_H
#define TORII_HEAP_IN_USE_H

#include <stddef.h>

/// Bytes that the process has allocated and not given back, by the count of whoever hands them out: AddressSanitizer
/// where it is in the program, otherwise libc.
size_t torii_heap_in_use(void);

#endif
