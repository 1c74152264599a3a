// Messages gathered from other memory: `struct mmsghdr` does not import into Swift.
#define _GNU_SOURCE
#include "udplab_linux.h"
#include "udplab_messages.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// A traffic class and a hop limit, for IPv4 and for IPv6: a socket of one family ignores the
// messages of the other (ip_cmsg_send, ip6_datagram_send_ctl).
#define CONTROL_BYTES (4 * CMSG_SPACE(sizeof(int)))

struct udplab_outbox {
    struct mmsghdr *messages;
    struct iovec *vectors;
    int single;
    uint8_t *control;
    uint8_t *traffic_classes;
    uint8_t *hop_limits;
};

udplab_outbox *udplab_outbox_create(unsigned slots, int single) {
    udplab_outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox) return NULL;
    outbox->single = single;
    outbox->messages = calloc(slots, sizeof *outbox->messages);
    outbox->vectors = calloc(slots, sizeof *outbox->vectors);
    outbox->control = calloc(slots, CONTROL_BYTES);
    outbox->traffic_classes = calloc(slots, 1);
    outbox->hop_limits = calloc(slots, 1);
    if (!outbox->messages || !outbox->vectors || !outbox->control || !outbox->traffic_classes ||
        !outbox->hop_limits) {
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
    free(outbox->control);
    free(outbox->traffic_classes);
    free(outbox->hop_limits);
    free(outbox);
}

void udplab_outbox_set(udplab_outbox *outbox, unsigned index, const void *octets, size_t bytes,
                       const void *address, unsigned address_bytes) {
    // sendmsg(2) only reads both; the structures, shared with receiving, are not const.
    outbox->vectors[index].iov_base = (void *)octets;
    outbox->vectors[index].iov_len = bytes;
    outbox->messages[index].msg_hdr.msg_name = (void *)address;
    outbox->messages[index].msg_hdr.msg_namelen = address ? address_bytes : 0;
    outbox->messages[index].msg_hdr.msg_control = NULL;
    outbox->messages[index].msg_hdr.msg_controllen = 0;
    outbox->traffic_classes[index] = 0;
    outbox->hop_limits[index] = 0;
}

static uint8_t *put_int(uint8_t *place, int level, int type, int value) {
    struct cmsghdr *control = (struct cmsghdr *)place;
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(sizeof value);
    memcpy(CMSG_DATA(control), &value, sizeof value);
    return place + CMSG_SPACE(sizeof value);
}

void udplab_outbox_set_header(udplab_outbox *outbox, unsigned index, unsigned traffic_class,
                              unsigned hop_limit) {
    struct msghdr *header = &outbox->messages[index].msg_hdr;
    uint8_t *start = outbox->control + index * CONTROL_BYTES, *place = start;
    if (traffic_class) {
        place = put_int(place, IPPROTO_IP, IP_TOS, (int)traffic_class);
        place = put_int(place, IPPROTO_IPV6, IPV6_TCLASS, (int)traffic_class);
    }
    if (hop_limit) {
        place = put_int(place, IPPROTO_IP, IP_TTL, (int)hop_limit);
        place = put_int(place, IPPROTO_IPV6, IPV6_HOPLIMIT, (int)hop_limit);
    }
    header->msg_control = place > start ? start : NULL;
    header->msg_controllen = (size_t)(place - start);
    outbox->traffic_classes[index] = (uint8_t)traffic_class;
    outbox->hop_limits[index] = (uint8_t)hop_limit;
}

unsigned udplab_outbox_traffic_class(const udplab_outbox *outbox, unsigned index) {
    return outbox->traffic_classes[index];
}

unsigned udplab_outbox_hop_limit(const udplab_outbox *outbox, unsigned index) {
    return outbox->hop_limits[index];
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
