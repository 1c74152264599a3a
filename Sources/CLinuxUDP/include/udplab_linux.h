// The C that Swift cannot call: `struct mmsghdr`, the CMSG_* macros, the error queue, CPU
// affinity, prctl and fork. Every function has the prefix `udplab_`, does one thing, and returns
// either its result or a negative errno: a Swift caller never reads the `errno` variable.
#ifndef UDPLAB_LINUX_H
#define UDPLAB_LINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The largest `struct sockaddr` that the lab uses: `sockaddr_in6`, 28 bytes.
#define UDPLAB_ADDRESS_BYTES 28

/// What the kernel said of one received message, filled by `udplab_batch_receive`.
typedef struct udplab_received {
    uint32_t length;         // bytes in the slot
    uint32_t flags;          // msg_flags: MSG_TRUNC among them
    uint32_t segment_bytes;  // UDP_GRO segment size; 0 when the message is one datagram
    uint32_t address_bytes;  // bytes of the source address; 0 on a connected socket
    int64_t kernel_ns;       // SO_TIMESTAMPNS (CLOCK_REALTIME); 0 when there was none
    uint32_t traffic_class;  // IP_RECVTOS or IPV6_RECVTCLASS; 0 when it was not asked for
    uint32_t hop_limit;      // IP_RECVTTL or IPV6_RECVHOPLIMIT; 0 when it was not asked for
} udplab_received;

/// An array of messages that is built once: headers, vectors, control buffers, addresses, bytes.
typedef struct udplab_batch udplab_batch;

/// The system calls by which messages leave and arrive, as indices of `udplab_probe_message_calls`.
enum { UDPLAB_SENDMMSG, UDPLAB_RECVMMSG, UDPLAB_SENDMSG, UDPLAB_RECVMSG, UDPLAB_MESSAGE_CALLS };
/// Why each of them is refused here, 0 where it is there: a call on no descriptor says EBADF unless
/// a seccomp filter or an old kernel refuses it. What follows in this file makes up for a call that
/// is refused by its sibling, so ask this before the first batch is created.
void udplab_probe_message_calls(int errors[UDPLAB_MESSAGE_CALLS]);

/// Whether a batch carries one message per system call (sendmsg, recvmsg).
enum { UDPLAB_SINGLE_SENDS = 1, UDPLAB_SINGLE_RECEIVES = 2 };

/// `slots` messages of `slot_bytes` bytes each, the slots contiguous in memory.
/// NULL when there is no memory.
/// - `single`: UDPLAB_SINGLE_SENDS and UDPLAB_SINGLE_RECEIVES, or 0.
udplab_batch *udplab_batch_create(unsigned slots, size_t slot_bytes, int with_addresses,
                                  int with_control, int single);
void udplab_batch_destroy(udplab_batch *batch);

/// Byte 0 of slot 0; slot i begins `i * slot_bytes` later.
uint8_t *udplab_batch_octets(udplab_batch *batch);
udplab_received *udplab_batch_received(udplab_batch *batch);
/// The source address of slot i begins `i * UDPLAB_ADDRESS_BYTES` later; NULL without addresses.
uint8_t *udplab_batch_addresses(udplab_batch *batch);

/// Sets the length of every message from `first` on, for sending.
void udplab_batch_set_length(udplab_batch *batch, unsigned first, unsigned count, size_t bytes);
/// The length of message `index` as it would be sent.
size_t udplab_batch_length(const udplab_batch *batch, unsigned index);

/// Sends every message from now on to this address, for a batch with addresses on a socket that
/// is not connected to it.
void udplab_batch_set_destination(udplab_batch *batch, const void *address, uint32_t bytes);

/// sendmmsg(2) of `count` messages from `first`: how many the kernel took, or -errno; EAGAIN
/// while the send buffer is full, so that a caller never sleeps where it sees no stop.
/// EINTR is retried here and nowhere else.
int udplab_batch_send(int fd, udplab_batch *batch, unsigned first, unsigned count);
/// recvmmsg(2) of up to `count` messages, or as many recvmsg(2). `wait` != 0: MSG_WAITFORONE
/// (bounded by SO_RCVTIMEO), else MSG_DONTWAIT. Never with recvmmsg's own timeout (man page, BUGS).
/// An error behind messages that arrived is what the next call returns.
int udplab_batch_receive(int fd, udplab_batch *batch, unsigned count, int wait);
/// Makes the first `count` received messages ready to go back to where they came from; a
/// coalesced one (UDP_GRO) goes back with its segment size (UDP_SEGMENT).
void udplab_batch_turn_around(udplab_batch *batch, unsigned count);
/// Sends `bytes` bytes of message `index` from `offset` on, alone, to the message's address:
/// 1, or -errno.
int udplab_batch_send_piece(int fd, udplab_batch *batch, unsigned index, size_t offset,
                            size_t bytes);

/// An array of messages whose bytes and addresses lie elsewhere: what a relay hands on without
/// copying it.
typedef struct udplab_outbox udplab_outbox;
/// NULL when there is no memory. `single`: as of udplab_batch_create.
udplab_outbox *udplab_outbox_create(unsigned slots, int single);
void udplab_outbox_destroy(udplab_outbox *outbox);
/// Message `index` is these bytes; `address` is NULL for a connected socket. Nothing is copied:
/// both have to stay where they are until the message was sent.
void udplab_outbox_set(udplab_outbox *outbox, unsigned index, const void *octets, size_t bytes,
                       const void *address, unsigned address_bytes);
/// How the IP header of message `index` differs from the socket's own: its traffic class (IP_TOS,
/// IPV6_TCLASS) and its hop limit (IP_TTL, IPV6_HOPLIMIT); 0 leaves the socket's. It holds until
/// the next `udplab_outbox_set` of the message.
void udplab_outbox_set_header(udplab_outbox *outbox, unsigned index, unsigned traffic_class,
                              unsigned hop_limit);
const void *udplab_outbox_octets(const udplab_outbox *outbox, unsigned index);
size_t udplab_outbox_length(const udplab_outbox *outbox, unsigned index);
/// The address of message `index` and its length, or NULL.
const void *udplab_outbox_address(const udplab_outbox *outbox, unsigned index, unsigned *bytes);
/// What `udplab_outbox_set_header` has set; 0 where it is the socket's.
unsigned udplab_outbox_traffic_class(const udplab_outbox *outbox, unsigned index);
unsigned udplab_outbox_hop_limit(const udplab_outbox *outbox, unsigned index);
/// sendmmsg(2) as udplab_batch_send does it.
int udplab_outbox_send(int fd, udplab_outbox *outbox, unsigned first, unsigned count);

/// One datagram to `address` (NULL on a connected socket), without waiting: 0, or -errno.
int udplab_send_datagram(int fd, const void *octets, size_t bytes, const void *address,
                         unsigned address_bytes);
/// One datagram, without waiting: its length, or -errno. `address` has room for `*address_bytes`
/// bytes and may be NULL.
ssize_t udplab_receive_datagram(int fd, void *octets, size_t room, void *address,
                                unsigned *address_bytes);

/// One entry of a socket's error queue (IP_RECVERR), see ip(7).
typedef struct udplab_socket_error {
    uint32_t error;           // errno, e.g. ECONNREFUSED
    uint8_t origin;           // SO_EE_ORIGIN_*: 1 local, 2 ICMP, 3 ICMPv6
    uint8_t type;             // ICMP type
    uint8_t code;             // ICMP code
    uint8_t address_bytes;    // bytes of `destination`
    uint32_t payload_bytes;   // bytes of the original datagram that came back, at most 64
    uint8_t payload[64];
    uint8_t destination[UDPLAB_ADDRESS_BYTES];  // where the original datagram was sent
} udplab_socket_error;

/// Reads one entry: 1 when there was one, 0 when the queue is empty, or -errno.
int udplab_read_error_queue(int fd, udplab_socket_error *entry);

/// SO_MEMINFO[SK_MEMINFO_DROPS]: datagrams that the full receive buffer refused, as of now;
/// or -errno. (SO_RXQ_OVFL is stamped on a later datagram and never shows a tail drop.)
int64_t udplab_receive_drops(int fd);
/// Bytes that the receive buffer still takes, of datagrams and error queue entries alike
/// (SO_MEMINFO: RCVBUF less RMEM_ALLOC), or INT64_MIN.
int64_t udplab_receive_room(int fd);

/// Joins the multicast group at `group`, an address of `bytes` octets: IP_ADD_MEMBERSHIP with
/// `struct ip_mreqn`, which Swift's Glibc does not show, or IPV6_ADD_MEMBERSHIP. 0 or -errno.
int udplab_join_group(int fd, const void *group, size_t bytes, unsigned interface);

/// How `udplab_epoll_wait` waits: by the first of these that is not refused here.
enum { UDPLAB_EPOLL_PWAIT2, UDPLAB_PPOLL, UDPLAB_EPOLL_PWAIT };
/// Finds out by trying. epoll_pwait2(2) is of Linux 5.11, and many a container refuses it; ppoll(2)
/// of the epoll descriptor has nanoseconds as well; epoll_pwait(2) has milliseconds, rounded up.
int udplab_wait_call(void);
/// Waits until a descriptor is ready: the number of ready descriptors, or -errno; 0 when a signal
/// came. `ready` receives the 64-bit data of each. timeout_ns < 0 waits forever.
int udplab_epoll_wait(int epoll_fd, uint64_t *ready, uint32_t *events, int capacity,
                      int64_t timeout_ns);
int udplab_epoll_create(void);
int udplab_epoll_add(int epoll_fd, int fd, uint64_t data);
/// Whether `events` of a ready descriptor say that an error is pending (EPOLLERR).
int udplab_epoll_is_error(uint32_t events);

/// memfd_create(2), which glibc declares only where _GNU_SOURCE is set, and Swift sets it not: an
/// anonymous file of `bytes` zeros, mapped shared. The process stays visible to its runner under
/// /proc (PR_SET_DUMPABLE): it may have lost that with a change of user namespace. The descriptor,
/// or -errno.
int udplab_shared_memory(size_t bytes, void **start);

/// Pins the calling thread to one CPU; 0 or -errno.
int udplab_pin_thread(int cpu);
/// Fills `cpus` with the CPUs that this process may use: how many there are, or -errno.
int udplab_allowed_cpus(int *cpus, int capacity);
/// PR_SET_TIMERSLACK of the calling thread (the default of 50 µs is what makes sleeps late).
int udplab_set_timer_slack(uint64_t ns);
/// Ends this process when its parent process is gone. PR_SET_PDEATHSIG fires when the *thread*
/// that spawned this process ends, so its signal (SIGUSR2) only prompts a look at getppid(2).
int udplab_end_with_parent(void);
/// The nice value of the calling thread alone: setpriority(2), NOTES. 0 or -errno (EACCES
/// without CAP_SYS_NICE).
int udplab_set_nice(int value);
/// Names the calling thread (PR_SET_NAME, 15 bytes).
int udplab_set_thread_name(const char *name);
/// From now on each of these signals is one byte, its number, in a pipe: the pipe's reading end,
/// or -errno. A handler, because a mask protects only if no library's thread is without it. Call
/// it once.
///
/// All but `other` (0 for none) ask the process to stop. A process that runs on for `limit_s`
/// seconds after the first of them, or gets a third, ends with `exit_code`, whatever its threads
/// wait for.
int udplab_catch_signals(
    const int *numbers, int count, int other, unsigned limit_s, int exit_code);
/// How many signals have asked the process to stop.
int udplab_stop_count(void);
/// Whether the signal's disposition is SIG_IGN, which Swift cannot compare.
int udplab_is_ignored(int number);

/// `ECONNREFUSED` for 111 (strerrorname_np, which Glibc's Swift module leaves out), or NULL.
const char *udplab_errno_name(int number);
/// The C library's English sentence for an errno, whatever the locale, or NULL.
const char *udplab_errno_text(int number);

/// fork + execvp of a program in a process group of its own that dies with the calling thread;
/// its standard output and error go to `output_fd`, its standard input is /dev/null.
/// The child's pid, or -errno (an exec that fails is reported here, not by the child).
pid_t udplab_spawn_guarded(char *const argv[], int output_fd);
/// Forks a process that waits for the end of this one, however it comes, and then kills the
/// process group: the children that a guarded program has forked get no signal by themselves.
/// A descriptor for udplab_dismiss_guard, or -errno.
int udplab_guard_group(pid_t group, pid_t *guard);
/// What its descendants leave behind when they end is a child of this process from now on
/// (PR_SET_CHILD_SUBREAPER), sessions of its own or not. 0 or -errno.
int udplab_adopt_orphans(void);
/// waitpid(2) for whichever child, without hanging: its pid and status, 0 when none has ended, or
/// -errno.
pid_t udplab_reap_any(int *exit_code, int *signal_number);
/// Ends the guard without a kill, and closes its descriptor.
void udplab_dismiss_guard(int guard_fd);
/// waitpid(2) without hanging: 1 and the status when the child ended, 0 when it runs, or -errno.
int udplab_reap(pid_t pid, int *exit_code, int *signal_number);

/// Moves this process, which must have one thread, into a user namespace of its own where its
/// user is root: user_namespaces(7). 0 or -errno.
int udplab_enter_own_user_namespace(void);
/// Moves the calling thread into a new network namespace whose loopback interface is up: a
/// descriptor of the namespace (close-on-exec), or -errno.
int udplab_make_network_namespace(void);
/// The same, through a user namespace where this process may not do it otherwise.
int udplab_enter_fresh_network(void);
/// Moves the calling thread into the network namespace of a descriptor. 0 or -errno.
int udplab_enter_network_namespace(int fd);
/// Moves this process, which must have one thread, into the network namespace that the process
/// `holder` has open as `holder_fd`, through the holder's user namespace where that is another:
/// setns(2). 0 or -errno.
int udplab_join_network(pid_t holder, int holder_fd);
/// Forks a child that enters a fresh network namespace as udplab_enter_fresh_network does and
/// there runs a program, named by its path, without input, whose output goes to `output_fd`;
/// nothing when `argv` is NULL. The program's exit code, 128 and the signal where one has ended
/// it, or -errno of the namespace.
int udplab_try_in_namespace(char *const argv[], int output_fd, int *signal_number);

/// A file in memory with this text, for programs that read files: memfd_create(2), which Glibc's
/// Swift module leaves out. A descriptor (close-on-exec), or -errno.
int udplab_memory_file(const char *text, size_t bytes);

/// A packet(7) socket that gets a copy of every UDP datagram over IPv4 that leaves a socket of this
/// network namespace, from its IP header on; of this source port alone, unless that is 0. The
/// descriptor (close-on-exec, without waiting), or -errno: EPERM without CAP_NET_RAW.
int udplab_open_tap(uint16_t source_port, int buffer_bytes);

/// pipe2(2): close-on-exec, the reading end without waiting. 0 or -errno.
int udplab_pipe(int ends[2]);
/// Has a pipe hold so much, as far as this user may (F_SETPIPE_SZ, fs.pipe-max-size).
void udplab_widen_pipe(int fd, int bytes);

/// Opens a UDP socket: the descriptor (close-on-exec), or -errno.
int udplab_open_socket(int family);
/// setsockopt(2) of an int: 0 or -errno. The names stand in Datagrams/SocketOption.swift.
int udplab_set_option(int fd, int level, int name, int value);
/// getsockopt(2) of an int: 0 or -errno.
int udplab_get_option(int fd, int level, int name, int *value);
int udplab_set_receive_timeout(int fd, int64_t ns);

/// The words of the command line, as the kernel gave them to this process: Swift reads them from
/// /proc/self/cmdline, which is not there in every container.
int udplab_argument_count(void);
const char *udplab_argument(int index);
/// The path by which this program was started (AT_EXECFN, getauxval(3)), or NULL.
const char *udplab_program_path(void);

/// A system call that this host refuses and that nothing can be done without.
typedef struct udplab_refusal {
    const char *call;     // NULL: nothing is refused
    const char *purpose;  // "wakes a thread that waits"
    int error;
} udplab_refusal;
/// Tries what the language's runtime needs in every process: what it cannot do without ends it with
/// a trap, or in a wait that never ends, and no word of why.
udplab_refusal udplab_refused_by_runtime(void);
/// Tries what a runner needs to start worker processes and to end them.
udplab_refusal udplab_refused_by_supervision(void);

#ifdef __cplusplus
}
#endif
#endif
