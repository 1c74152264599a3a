// The message calls under batches and outboxes, each made up for by its sibling where it is refused.
// Not exported: Swift sees udplab_linux.h alone.
#ifndef UDPLAB_MESSAGES_H
#define UDPLAB_MESSAGES_H

#include <stddef.h>
#include <sys/types.h>

struct mmsghdr;
struct msghdr;

// Sends up to `count` messages without waiting, with one call or `single` by single: how many the
// kernel took, or -errno. An error behind messages that were taken is lost, as sendmmsg(2) has it.
int udplab_send_messages(int fd, struct mmsghdr *messages, unsigned count, int single);
// Receives up to `count` messages: how many, or -errno. `single`: an error behind messages that
// arrived goes to `held_error`, where recvmmsg(2) leaves it to the socket.
int udplab_receive_messages(int fd, struct mmsghdr *messages, unsigned count, int wait, int single,
                            int *held_error);
// One message: its length, or -errno.
ssize_t udplab_receive_message(int fd, struct msghdr *header, int flags);

#endif
