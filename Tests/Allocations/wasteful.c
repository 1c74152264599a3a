// A thread that allocates for each datagram: what the counter is there to find.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

static void *waste(void *ends) {
    char octets[10] = "";
    struct iovec vector = {octets, sizeof octets};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};
    for (int i = 0; i < 100; i++) {
        char *volatile memory = malloc(100);
        free(memory);
        if (sendmmsg(((int *)ends)[0], &message, 1, 0) != 1) return ends;
        if (recv(((int *)ends)[1], octets, sizeof octets, 0) != sizeof octets) return ends;
    }
    return NULL;
}

int main(void) {
    int ends[2];
    pthread_t thread;
    void *failed;
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)) return 1;
    if (pthread_create(&thread, NULL, waste, ends)) return 1;
    pthread_join(thread, &failed);
    return failed != NULL;
}
