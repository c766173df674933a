// A long way between two network namespaces: every IP packet between them takes so long each way, and some are lost.
//
//   BenchmarkLink NEAR FAR DELAY_MS LOST_PER_MILLE SEED
//
// It makes an interface `way0` in each namespace and carries packets from one to the other; whoever starts it gives them
// addresses. Not every kernel has netem, which would do the same. What is lost follows from the seed and the packets'
// number. Prints "READY", and when its standard input ends, one line: packets carried and lost, and how late they were
// let go, in microseconds. Needs root.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    SIZE = 2048,       // bytes of the largest packet; the interfaces' MTU is 1500
    CAPACITY = 1 << 15 // packets under way in one direction; more are lost
};

struct packet {
    int64_t due;
    ssize_t count;
    uint8_t bytes[SIZE];
};

struct direction {
    int from, to;
    struct packet *packets; // a ring; the delay is the same for all, so that the first is the next due
    uint64_t head, tail;
    uint64_t carried, lost;
};

// By how many microseconds packets were late, in classes of 10; the last is all above.
static uint64_t lateness[1000];
static uint64_t random_state;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// xorshift64*
static uint64_t next_random(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545F4914F6CDD1DULL;
}

static int interface_in(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", name);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) {
        fprintf(stderr, "cannot enter the network namespace %s: %s\n", name, strerror(errno));
        exit(1);
    }
    close(space);
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = {.ifr_name = "way0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
        fprintf(stderr, "cannot make an interface in %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return device;
}

static void take(struct direction *way, int64_t delay, uint64_t lost_per_mille) {
    for (;;) {
        struct packet *packet = &way->packets[way->tail % CAPACITY];
        uint8_t none[SIZE];
        int has_room = way->tail - way->head < CAPACITY;
        ssize_t count = read(way->from, has_room ? packet->bytes : none, SIZE);
        if (count < 0) return;
        if (!has_room || next_random() % 1000 < lost_per_mille) {
            way->lost++;
            continue;
        }
        packet->due = now() + delay;
        packet->count = count;
        way->tail++;
    }
}

static void let_go(struct direction *way) {
    while (way->head < way->tail) {
        struct packet *packet = &way->packets[way->head % CAPACITY];
        int64_t late = now() - packet->due;
        if (late < 0) return;
        uint64_t class = (uint64_t)late / 10000;
        lateness[class < 1000 ? class : 999]++;
        if (write(way->to, packet->bytes, (size_t)packet->count) == packet->count) way->carried++;
        else way->lost++;
        way->head++;
    }
}

static int64_t next_due(const struct direction *ways) {
    int64_t due = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        if (ways[i].head == ways[i].tail) continue;
        int64_t mine = ways[i].packets[ways[i].head % CAPACITY].due;
        if (mine < due) due = mine;
    }
    return due;
}

static uint64_t percentile(uint64_t percent) {
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < 1000; i++) total += lateness[i];
    for (uint64_t i = 0; i < 1000; i++) {
        seen += lateness[i];
        if (seen * 100 >= total * percent) return i * 10;
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count < 6) {
        fprintf(stderr, "BenchmarkLink NEAR FAR DELAY_MS LOST_PER_MILLE SEED\n");
        return 64;
    }
    int near = interface_in(arguments[1]), far = interface_in(arguments[2]);
    int64_t delay = atoll(arguments[3]) * 1000000;
    uint64_t lost_per_mille = strtoull(arguments[4], NULL, 10);
    random_state = strtoull(arguments[5], NULL, 10) * 2 + 1;
    struct direction ways[2] = {{.from = near, .to = far}, {.from = far, .to = near}};
    for (int i = 0; i < 2; i++) {
        ways[i].packets = calloc(CAPACITY, sizeof *ways[i].packets);
        if (!ways[i].packets) return 1;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    printf("READY\n");
    fflush(stdout);
    struct pollfd watched[3] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    for (;;) {
        int64_t due = next_due(ways), wait = due == INT64_MAX ? 1000000000 : due - now();
        struct timespec timeout = {.tv_sec = wait > 0 ? wait / 1000000000 : 0, .tv_nsec = wait > 0 ? wait % 1000000000 : 0};
        ppoll(watched, 3, &timeout, NULL);
        char byte;
        if (watched[2].revents && read(0, &byte, 1) <= 0) break;
        for (int i = 0; i < 2; i++) take(&ways[i], delay, lost_per_mille);
        for (int i = 0; i < 2; i++) let_go(&ways[i]);
    }
    printf("carried %llu, lost %llu; late by %llu us at the median, %llu at p95, %llu at p99\n",
           (unsigned long long)(ways[0].carried + ways[1].carried), (unsigned long long)(ways[0].lost + ways[1].lost),
           (unsigned long long)percentile(50), (unsigned long long)percentile(95), (unsigned long long)percentile(99));
    return 0;
}
