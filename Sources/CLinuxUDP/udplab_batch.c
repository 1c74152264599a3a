// Batches of datagrams: `struct mmsghdr` and the CMSG_* macros do not import into Swift.
#define _GNU_SOURCE
#include "udplab_linux.h"
#include "udplab_messages.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103  // linux/udp.h; glibc before 2.33 lacks both
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

// The space for one SCM_TIMESTAMPNS, one UDP_GRO, one traffic class and one hop limit message.
#define CONTROL_BYTES 128

_Static_assert(UDPLAB_ADDRESS_BYTES == sizeof(struct sockaddr_in6), "the largest address");
_Static_assert(CMSG_SPACE(sizeof(struct timespec)) + 3 * CMSG_SPACE(sizeof(int)) <= CONTROL_BYTES,
               "the control buffer holds all four messages");
_Static_assert(sizeof(udplab_received) == 32, "Swift indexes this layout");

struct udplab_batch {
    unsigned slots;
    int with_addresses, with_control, single;
    size_t slot_bytes;
    int held_error;  // behind the messages of the last receive; 0 without
    unsigned dirty;  // slots whose lengths the kernel or a turn-around has changed
    struct mmsghdr *messages;
    struct iovec *vectors;
    uint8_t *control;
    uint8_t *addresses;
    uint8_t *octets;
    udplab_received *received;
};

static void arm(udplab_batch *batch, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        batch->vectors[i].iov_len = batch->slot_bytes;
        header->msg_namelen = batch->with_addresses ? UDPLAB_ADDRESS_BYTES : 0;
        header->msg_control = batch->with_control ? batch->control + i * CONTROL_BYTES : NULL;
        header->msg_controllen = batch->with_control ? CONTROL_BYTES : 0;
        header->msg_flags = 0;
    }
}

udplab_batch *udplab_batch_create(unsigned slots, size_t slot_bytes, int with_addresses,
                                  int with_control, int single) {
    udplab_batch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    batch->slots = slots;
    batch->slot_bytes = slot_bytes;
    batch->with_addresses = with_addresses;
    batch->with_control = with_control;
    batch->single = single;
    batch->messages = calloc(slots, sizeof *batch->messages);
    batch->vectors = calloc(slots, sizeof *batch->vectors);
    batch->received = calloc(slots, sizeof *batch->received);
    batch->octets = calloc(slots, slot_bytes ? slot_bytes : 1);
    batch->control = calloc(slots, with_control ? CONTROL_BYTES : 1);
    batch->addresses = calloc(slots, with_addresses ? UDPLAB_ADDRESS_BYTES : 1);
    if (!batch->messages || !batch->vectors || !batch->received || !batch->octets ||
        !batch->control || !batch->addresses) {
        udplab_batch_destroy(batch);
        return NULL;
    }
    for (unsigned i = 0; i < slots; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        batch->vectors[i].iov_base = batch->octets + i * slot_bytes;
        header->msg_iov = &batch->vectors[i];
        header->msg_iovlen = 1;
        header->msg_name = with_addresses ? batch->addresses + i * UDPLAB_ADDRESS_BYTES : NULL;
    }
    arm(batch, 0, slots);
    return batch;
}

void udplab_batch_destroy(udplab_batch *batch) {
    if (!batch) return;
    free(batch->messages);
    free(batch->vectors);
    free(batch->received);
    free(batch->octets);
    free(batch->control);
    free(batch->addresses);
    free(batch);
}

uint8_t *udplab_batch_octets(udplab_batch *batch) { return batch->octets; }
udplab_received *udplab_batch_received(udplab_batch *batch) { return batch->received; }
uint8_t *udplab_batch_addresses(udplab_batch *batch) {
    return batch->with_addresses ? batch->addresses : NULL;
}

void udplab_batch_set_length(udplab_batch *batch, unsigned first, unsigned count, size_t bytes) {
    for (unsigned i = first; i < first + count; i++) batch->vectors[i].iov_len = bytes;
}

size_t udplab_batch_length(const udplab_batch *batch, unsigned index) {
    return batch->vectors[index].iov_len;
}

void udplab_batch_set_destination(udplab_batch *batch, const void *address, uint32_t bytes) {
    for (unsigned i = 0; i < batch->slots; i++) {
        memcpy(batch->addresses + i * UDPLAB_ADDRESS_BYTES, address, bytes);
        batch->messages[i].msg_hdr.msg_namelen = bytes;
    }
}

int udplab_batch_send(int fd, udplab_batch *batch, unsigned first, unsigned count) {
    return udplab_send_messages(fd, batch->messages + first, count,
                                batch->single & UDPLAB_SINGLE_SENDS);
}

static void read_control(struct msghdr *header, udplab_received *said) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            said->kernel_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int bytes;
            memcpy(&bytes, CMSG_DATA(c), sizeof bytes);
            said->segment_bytes = (uint32_t)bytes;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            said->traffic_class = *CMSG_DATA(c);  // one byte, ip(7)
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            int traffic_class;
            memcpy(&traffic_class, CMSG_DATA(c), sizeof traffic_class);
            said->traffic_class = (uint32_t)traffic_class;
        } else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
                   (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)) {
            int hop_limit;
            memcpy(&hop_limit, CMSG_DATA(c), sizeof hop_limit);
            said->hop_limit = (uint32_t)hop_limit;
        }
    }
}

// The source of a Unix socket has a length of its own: behind it are bytes of earlier sources, which
// would not compare equal. A name longer than the slot is as good as none: nothing is sent back.
static void trim_name(struct msghdr *header) {
    if (header->msg_namelen > UDPLAB_ADDRESS_BYTES) header->msg_namelen = 0;
    memset((uint8_t *)header->msg_name + header->msg_namelen, 0,
           UDPLAB_ADDRESS_BYTES - header->msg_namelen);
}

int udplab_batch_receive(int fd, udplab_batch *batch, unsigned count, int wait) {
    arm(batch, 0, batch->dirty);
    batch->dirty = 0;
    if (batch->held_error) {
        int error = batch->held_error;
        batch->held_error = 0;
        return -error;
    }
    int got = udplab_receive_messages(fd, batch->messages, count, wait,
                                      batch->single & UDPLAB_SINGLE_RECEIVES, &batch->held_error);
    if (got < 0) return got;
    batch->dirty = (unsigned)got;
    for (int i = 0; i < got; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        udplab_received *said = &batch->received[i];
        said->length = batch->messages[i].msg_len;
        said->flags = (uint32_t)header->msg_flags;
        said->segment_bytes = 0;
        if (batch->with_addresses && header->msg_namelen != sizeof(struct sockaddr_in) &&
            header->msg_namelen != UDPLAB_ADDRESS_BYTES)
            trim_name(header);
        said->address_bytes = header->msg_namelen;
        said->kernel_ns = 0;
        said->traffic_class = 0;
        said->hop_limit = 0;
        if (header->msg_controllen) read_control(header, said);
    }
    return got;
}

// The control buffer of a message that is sent back has its segment size (udp(7)).
static void ask_for_segments(udplab_batch *batch, unsigned index, uint16_t bytes) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    header->msg_control = batch->control + index * CONTROL_BYTES;
    header->msg_controllen = CMSG_SPACE(sizeof bytes);
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    control->cmsg_level = IPPROTO_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof bytes);
    memcpy(CMSG_DATA(control), &bytes, sizeof bytes);
}

void udplab_batch_turn_around(udplab_batch *batch, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        uint32_t segment = batch->received[i].segment_bytes;
        batch->vectors[i].iov_len = batch->messages[i].msg_len;
        header->msg_control = NULL;
        header->msg_controllen = 0;
        if (segment && segment < batch->messages[i].msg_len)
            ask_for_segments(batch, i, (uint16_t)segment);
    }
}

int udplab_batch_send_piece(int fd, udplab_batch *batch, unsigned index, size_t offset,
                            size_t bytes) {
    const struct msghdr *header = &batch->messages[index].msg_hdr;
    uint8_t *octets = batch->octets + index * batch->slot_bytes + offset;
    int result = udplab_send_datagram(fd, octets, bytes, header->msg_name, header->msg_namelen);
    return result < 0 ? result : 1;
}

int udplab_read_error_queue(int fd, udplab_socket_error *entry) {
    struct sockaddr_in6 destination;
    char control[256];
    struct iovec vector = {entry->payload, sizeof entry->payload};
    struct msghdr header = {.msg_name = &destination, .msg_namelen = sizeof destination,
                            .msg_iov = &vector, .msg_iovlen = 1,
                            .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = udplab_receive_message(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (got < 0) return got == -EAGAIN ? 0 : (int)got;
    entry->payload_bytes = (uint32_t)got;
    entry->address_bytes = (uint8_t)header.msg_namelen;
    memcpy(entry->destination, &destination, header.msg_namelen);
    entry->error = 0;
    entry->origin = entry->type = entry->code = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        int v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        int v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        if (!v4 && !v6) continue;
        struct sock_extended_err said;
        memcpy(&said, CMSG_DATA(c), sizeof said);
        entry->error = said.ee_errno;
        entry->origin = said.ee_origin;
        entry->type = said.ee_type;
        entry->code = said.ee_code;
    }
    return 1;
}
