// A copy of the UDP datagrams that leave this host: packet(7), whose addresses and socket filters
// (linux/filter.h) Glibc's Swift module leaves out.
#define _GNU_SOURCE
#include "udplab_linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define PASS 0xffffffff
#define PORT_INSTRUCTION 10

static int attach(int fd, uint16_t source_port, int buffer_bytes) {
    // Offsets are from the first byte of the IPv4 header (RFC 791). A fragment other than the first
    // has no port: it passes.
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 10),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 3, 0),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source_port, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, PASS),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    // For any port: a jump to the instruction that passes, whatever the comparison.
    if (source_port == 0)
        code[PORT_INSTRUCTION] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0);
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)) return -errno;
    // The granted size may be smaller; drops are counted in any case.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    // Nothing arrives before the filter is attached: the socket has had no protocol so far. Only a
    // socket of all protocols sees outgoing packets.
    struct sockaddr_ll everything = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    if (bind(fd, (struct sockaddr *)&everything, sizeof everything)) return -errno;
    return 0;
}

int udplab_open_tap(uint16_t source_port, int buffer_bytes) {
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    int result = attach(fd, source_port, buffer_bytes);
    if (result < 0) {
        close(fd);
        return result;
    }
    return fd;
}
