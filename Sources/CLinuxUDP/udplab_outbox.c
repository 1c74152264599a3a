// Messages that are gathered from elsewhere: `struct mmsghdr` does not import into Swift.
#define _GNU_SOURCE
#include "udplab_linux.h"
#include "udplab_messages.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct udplab_outbox {
    struct mmsghdr *messages;
    struct iovec *vectors;
    int single;
};

udplab_outbox *udplab_outbox_create(unsigned slots, int single) {
    udplab_outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox) return NULL;
    outbox->single = single;
    outbox->messages = calloc(slots, sizeof *outbox->messages);
    outbox->vectors = calloc(slots, sizeof *outbox->vectors);
    if (!outbox->messages || !outbox->vectors) {
        udplab_outbox_destroy(outbox);
        return NULL;
    }
    for (unsigned i = 0; i < slots; i++) {
        outbox->messages[i].msg_hdr.msg_iov = &outbox->vectors[i];
        outbox->messages[i].msg_hdr.msg_iovlen = 1;
    }
    return outbox;
}

void udplab_outbox_destroy(udplab_outbox *outbox) {
    if (!outbox) return;
    free(outbox->messages);
    free(outbox->vectors);
    free(outbox);
}

void udplab_outbox_set(udplab_outbox *outbox, unsigned index, const void *octets, size_t bytes,
                       const void *address, unsigned address_bytes) {
    // sendmsg(2) only reads both; the structures, which receiving shares, cannot say so.
    outbox->vectors[index].iov_base = (void *)octets;
    outbox->vectors[index].iov_len = bytes;
    outbox->messages[index].msg_hdr.msg_name = (void *)address;
    outbox->messages[index].msg_hdr.msg_namelen = address ? address_bytes : 0;
}

const void *udplab_outbox_octets(const udplab_outbox *outbox, unsigned index) {
    return outbox->vectors[index].iov_base;
}

size_t udplab_outbox_length(const udplab_outbox *outbox, unsigned index) {
    return outbox->vectors[index].iov_len;
}

const void *udplab_outbox_address(const udplab_outbox *outbox, unsigned index, unsigned *bytes) {
    *bytes = outbox->messages[index].msg_hdr.msg_namelen;
    return outbox->messages[index].msg_hdr.msg_name;
}

int udplab_outbox_send(int fd, udplab_outbox *outbox, unsigned first, unsigned count) {
    return udplab_send_messages(fd, outbox->messages + first, count,
                                outbox->single & UDPLAB_SINGLE_SENDS);
}
