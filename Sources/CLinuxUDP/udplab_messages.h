// The message calls of batches and outboxes, each replaced by a related one if it is refused. Not
// exported: Swift sees only udplab_linux.h.
#ifndef UDPLAB_MESSAGES_H
#define UDPLAB_MESSAGES_H

#include <stddef.h>
#include <sys/types.h>

struct mmsghdr;
struct msghdr;

// Sends up to `count` messages without waiting, with one call or `single` ones. Returns the number
// accepted, or -errno. An error behind accepted messages is lost, as in sendmmsg(2).
int udplab_send_messages(int fd, struct mmsghdr *messages, unsigned count, int single);
// Receives up to `count` messages. Returns their number, or -errno. `single`: an error behind
// messages that arrived is stored in `held_error`, where recvmmsg(2) leaves it to the socket.
int udplab_receive_messages(int fd, struct mmsghdr *messages, unsigned count, int wait, int single,
                            int *held_error);
// Receives one message. Returns its length, or -errno.
ssize_t udplab_receive_message(int fd, struct msghdr *header, int flags);

#endif
