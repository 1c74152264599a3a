// sendmmsg, recvmmsg, sendmsg and recvmsg, which seccomp filters and old kernels may refuse one by
// one: `struct mmsghdr` does not import into Swift.
#define _GNU_SOURCE
#include "udplab_messages.h"
#include "udplab_linux.h"

#include <errno.h>
#include <sys/socket.h>

// Written by udplab_probe_message_calls before the first batch is created, and only read then.
static int refused[UDPLAB_MESSAGE_CALLS];

// A filter decides before the kernel looks at the descriptor.
static int why_refused(long result) { return result < 0 && errno != EBADF ? errno : 0; }

void udplab_probe_message_calls(int errors[UDPLAB_MESSAGE_CALLS]) {
    struct msghdr header = {0};
    refused[UDPLAB_SENDMMSG] = why_refused(sendmmsg(-1, NULL, 0, 0));
    refused[UDPLAB_RECVMMSG] = why_refused(recvmmsg(-1, NULL, 0, 0, NULL));
    refused[UDPLAB_SENDMSG] = why_refused(sendmsg(-1, &header, 0));
    refused[UDPLAB_RECVMSG] = why_refused(recvmsg(-1, &header, 0));
    for (int call = 0; call < UDPLAB_MESSAGE_CALLS; call++) errors[call] = refused[call];
}

static ssize_t send_message(int fd, struct msghdr *header) {
    ssize_t sent;
    if (!refused[UDPLAB_SENDMSG]) {
        do sent = sendmsg(fd, header, MSG_DONTWAIT);
        while (sent < 0 && errno == EINTR);
        return sent < 0 ? -errno : sent;
    }
    struct mmsghdr one = {.msg_hdr = *header};
    do sent = sendmmsg(fd, &one, 1, MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : one.msg_len;
}

ssize_t udplab_receive_message(int fd, struct msghdr *header, int flags) {
    ssize_t got;
    if (!refused[UDPLAB_RECVMSG]) {
        do got = recvmsg(fd, header, flags);
        while (got < 0 && errno == EINTR);
        return got < 0 ? -errno : got;
    }
    struct mmsghdr one = {.msg_hdr = *header};
    do got = recvmmsg(fd, &one, 1, flags, NULL);
    while (got < 0 && errno == EINTR);
    *header = one.msg_hdr;
    return got < 0 ? -errno : one.msg_len;
}

int udplab_send_messages(int fd, struct mmsghdr *messages, unsigned count, int single) {
    if (single) {
        for (unsigned i = 0; i < count; i++) {
            ssize_t sent = send_message(fd, &messages[i].msg_hdr);
            if (sent < 0) return i ? (int)i : (int)sent;
        }
        return (int)count;
    }
    int taken;
    do taken = sendmmsg(fd, messages, count, MSG_DONTWAIT);
    while (taken < 0 && errno == EINTR);
    return taken < 0 ? -errno : taken;
}

int udplab_receive_messages(int fd, struct mmsghdr *messages, unsigned count, int wait, int single,
                            int *held_error) {
    if (single) {
        for (unsigned i = 0; i < count; i++) {
            int flags = wait && i == 0 ? 0 : MSG_DONTWAIT;
            ssize_t got = udplab_receive_message(fd, &messages[i].msg_hdr, flags);
            if (got >= 0) {
                messages[i].msg_len = (unsigned)got;
                continue;
            }
            if (i == 0) return (int)got;
            if (got != -EAGAIN) *held_error = (int)-got;
            return (int)i;
        }
        return (int)count;
    }
    int got;
    do got = recvmmsg(fd, messages, count, wait ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int udplab_send_datagram(int fd, const void *octets, size_t bytes, const void *address,
                         unsigned address_bytes) {
    // sendmsg(2) only reads both; the structures, shared with receiving, are not const.
    struct iovec vector = {(void *)octets, bytes};
    struct msghdr header = {.msg_name = (void *)address, .msg_namelen = address ? address_bytes : 0,
                            .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t sent = send_message(fd, &header);
    return sent < 0 ? (int)sent : 0;
}

ssize_t udplab_receive_datagram(int fd, void *octets, size_t room, void *address,
                                unsigned *address_bytes) {
    struct iovec vector = {octets, room};
    struct msghdr header = {.msg_name = address, .msg_namelen = address ? *address_bytes : 0,
                            .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t got = udplab_receive_message(fd, &header, MSG_DONTWAIT);
    if (address && got >= 0) *address_bytes = header.msg_namelen;
    return got;
}
