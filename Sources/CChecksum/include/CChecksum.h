// CRC32c (RFC 9260 appendix A), by the processor's own instructions where it has them.
#ifndef TORII_CCHECKSUM_H
#define TORII_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Continues a sum over `count` bytes. A sum begins with all bits set and ends inverted.
uint32_t torii_crc32c(uint32_t sum, const void *bytes, size_t count);

/// The same bit by bit, as on a processor without instructions for it.
uint32_t torii_crc32c_portable(uint32_t sum, const void *bytes, size_t count);

#endif
