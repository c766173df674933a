#include "CChecksum.h"

#include <string.h>

enum { BITS_OF_A_BYTE = 8 };
static const uint32_t reflected_polynomial = 0x82F63B78;

uint32_t torii_crc32c_portable(uint32_t sum, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    for (size_t i = 0; i < count; i++) {
        sum ^= next[i];
        for (int bit = 0; bit < BITS_OF_A_BYTE; bit++)
            sum = sum >> 1 ^ (reflected_polynomial & -(sum & 1));
    }
    return sum;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t accelerated(uint32_t sum, const uint8_t *next, size_t count) {
    uint64_t wide = sum;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    sum = (uint32_t)wide;
    for (; count > 0; count--) sum = _mm_crc32_u8(sum, *next++);
    return sum;
}

static int is_accelerated(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

enum { HAS_CRC32 = 1 << 7 };  // HWCAP_CRC32

__attribute__((target("crc"))) static uint32_t accelerated(uint32_t sum, const uint8_t *next, size_t count) {
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        sum = __crc32cd(sum, word);
    }
    for (; count > 0; count--) sum = __crc32cb(sum, *next++);
    return sum;
}

static int is_accelerated(void) { return (getauxval(AT_HWCAP) & HAS_CRC32) != 0; }

#else
static uint32_t accelerated(uint32_t sum, const uint8_t *next, size_t count) {
    return torii_crc32c_portable(sum, next, count);
}

static int is_accelerated(void) { return 0; }
#endif

uint32_t torii_crc32c(uint32_t sum, const void *bytes, size_t count) {
    return is_accelerated() ? accelerated(sum, bytes, count) : torii_crc32c_portable(sum, bytes, count);
}
