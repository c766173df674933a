#include "HeapInUse.h"

#include <malloc.h>

// Of AddressSanitizer's <sanitizer/allocator_interface.h>; null where it is not in the program.
__attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes(void);

size_t torii_heap_in_use(void) {
    if (__sanitizer_get_current_allocated_bytes) {
        return __sanitizer_get_current_allocated_bytes();
    }
    struct mallinfo2 information = mallinfo2();
    return information.uordblks + information.hblkhd;
}
