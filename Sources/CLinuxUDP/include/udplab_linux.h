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

/// The kernel's data on one received message, filled by `udplab_batch_receive`.
typedef struct udplab_received {
    uint32_t length;         // bytes in the slot
    uint32_t flags;          // msg_flags: MSG_TRUNC among them
    uint32_t segment_bytes;  // UDP_GRO segment size; 0 when the message is one datagram
    uint32_t address_bytes;  // bytes of the source address; 0 on a connected socket
    int64_t kernel_ns;       // SO_TIMESTAMPNS (CLOCK_REALTIME); 0 when there was none
    uint32_t traffic_class;  // IP_RECVTOS or IPV6_RECVTCLASS; 0 when it was not asked for
    uint32_t hop_limit;      // IP_RECVTTL or IPV6_RECVHOPLIMIT; 0 when it was not asked for
} udplab_received;

/// An array of messages that is allocated once: headers, vectors, control buffers, addresses,
/// bytes.
typedef struct udplab_batch udplab_batch;

/// The system calls for sending and receiving messages, as indices of `udplab_probe_message_calls`.
enum { UDPLAB_SENDMMSG, UDPLAB_RECVMMSG, UDPLAB_SENDMSG, UDPLAB_RECVMSG, UDPLAB_MESSAGE_CALLS };
/// Stores the error of each refused call, 0 for one that works: a call on an invalid descriptor
/// returns EBADF unless a seccomp filter or an old kernel refuses it. The functions below replace a
/// refused call by a related one, so call this function before the first batch is created.
void udplab_probe_message_calls(int errors[UDPLAB_MESSAGE_CALLS]);

/// Whether a batch carries one message per system call (sendmsg, recvmsg).
enum { UDPLAB_SINGLE_SENDS = 1, UDPLAB_SINGLE_RECEIVES = 2 };

/// Creates a batch of `slots` messages of `slot_bytes` bytes each, the slots contiguous in memory.
/// NULL if there is no memory.
/// - `single`: UDPLAB_SINGLE_SENDS and UDPLAB_SINGLE_RECEIVES, or 0.
udplab_batch *udplab_batch_create(unsigned slots, size_t slot_bytes, int with_addresses,
                                  int with_control, int single);
void udplab_batch_destroy(udplab_batch *batch);

/// Returns byte 0 of slot 0; slot i begins `i * slot_bytes` later.
uint8_t *udplab_batch_octets(udplab_batch *batch);
udplab_received *udplab_batch_received(udplab_batch *batch);
/// Returns the source address of slot 0; that of slot i begins `i * UDPLAB_ADDRESS_BYTES` later.
/// NULL without addresses.
uint8_t *udplab_batch_addresses(udplab_batch *batch);

/// Sets the length of every message from `first` on, for sending.
void udplab_batch_set_length(udplab_batch *batch, unsigned first, unsigned count, size_t bytes);
/// Returns the length of message `index` for sending.
size_t udplab_batch_length(const udplab_batch *batch, unsigned index);

/// Sends all further messages to this address, for a batch with addresses on a socket that is not
/// connected to it.
void udplab_batch_set_destination(udplab_batch *batch, const void *address, uint32_t bytes);

/// Calls sendmmsg(2) with `count` messages from `first`. Returns the number of messages that the
/// kernel accepted, or -errno; EAGAIN while the send buffer is full, so that a caller never sleeps
/// without noticing a stop. EINTR is retried here and nowhere else.
int udplab_batch_send(int fd, udplab_batch *batch, unsigned first, unsigned count);
/// Calls recvmmsg(2) for up to `count` messages, or recvmsg(2) as many times. `wait` != 0:
/// MSG_WAITFORONE (bounded by SO_RCVTIMEO), else MSG_DONTWAIT. Never with recvmmsg's own timeout
/// (man page, BUGS). An error behind messages that arrived is returned by the next call.
int udplab_batch_receive(int fd, udplab_batch *batch, unsigned count, int wait);
/// Prepares the first `count` received messages to be sent back to their sources; a coalesced one
/// (UDP_GRO) is sent back with its segment size (UDP_SEGMENT).
void udplab_batch_turn_around(udplab_batch *batch, unsigned count);
/// Sends `bytes` bytes of message `index` from `offset` on, alone, to the message's address.
/// Returns 1, or -errno.
int udplab_batch_send_piece(int fd, udplab_batch *batch, unsigned index, size_t offset,
                            size_t bytes);

/// An array of messages whose bytes and addresses are elsewhere, for a relay that forwards without
/// copying.
typedef struct udplab_outbox udplab_outbox;
/// Creates an outbox; NULL if there is no memory. `single`: as for udplab_batch_create.
udplab_outbox *udplab_outbox_create(unsigned slots, int single);
void udplab_outbox_destroy(udplab_outbox *outbox);
/// Sets message `index` to these bytes; `address` is NULL for a connected socket. Nothing is
/// copied: both must stay valid until the message was sent.
void udplab_outbox_set(udplab_outbox *outbox, unsigned index, const void *octets, size_t bytes,
                       const void *address, unsigned address_bytes);
/// Sets header fields of message `index` that differ from the socket's own: its traffic class
/// (IP_TOS, IPV6_TCLASS) and its hop limit (IP_TTL, IPV6_HOPLIMIT); 0 leaves the socket's. They
/// hold until the next `udplab_outbox_set` of the message.
void udplab_outbox_set_header(udplab_outbox *outbox, unsigned index, unsigned traffic_class,
                              unsigned hop_limit);
const void *udplab_outbox_octets(const udplab_outbox *outbox, unsigned index);
size_t udplab_outbox_length(const udplab_outbox *outbox, unsigned index);
/// Returns the address of message `index` and its length, or NULL.
const void *udplab_outbox_address(const udplab_outbox *outbox, unsigned index, unsigned *bytes);
/// Returns the traffic class set by `udplab_outbox_set_header`; 0 for the socket's.
unsigned udplab_outbox_traffic_class(const udplab_outbox *outbox, unsigned index);
unsigned udplab_outbox_hop_limit(const udplab_outbox *outbox, unsigned index);
/// Calls sendmmsg(2) as udplab_batch_send does.
int udplab_outbox_send(int fd, udplab_outbox *outbox, unsigned first, unsigned count);

/// Sends one datagram to `address` (NULL on a connected socket), without waiting. Returns 0, or
/// -errno.
int udplab_send_datagram(int fd, const void *octets, size_t bytes, const void *address,
                         unsigned address_bytes);
/// Receives one datagram, without waiting. Returns its length, or -errno. `address` has space for
/// `*address_bytes` bytes and may be NULL.
ssize_t udplab_receive_datagram(int fd, void *octets, size_t room, void *address,
                                unsigned *address_bytes);

/// An entry of a socket's error queue (IP_RECVERR), see ip(7).
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

/// Reads one entry. Returns 1 if there was one, 0 if the queue is empty, or -errno.
int udplab_read_error_queue(int fd, udplab_socket_error *entry);

/// Returns SO_MEMINFO[SK_MEMINFO_DROPS], the datagrams dropped by the full receive buffer so far,
/// or -errno. (SO_RXQ_OVFL is attached to a later datagram and never shows a tail drop.)
int64_t udplab_receive_drops(int fd);
/// Returns the free bytes of the receive buffer, for datagrams and error-queue entries alike
/// (SO_MEMINFO: RCVBUF less RMEM_ALLOC), or INT64_MIN.
int64_t udplab_receive_room(int fd);

/// Joins the multicast group at `group`, an address of `bytes` bytes: IP_ADD_MEMBERSHIP with
/// `struct ip_mreqn`, which Swift's Glibc does not import, or IPV6_ADD_MEMBERSHIP. 0 or -errno.
int udplab_join_group(int fd, const void *group, size_t bytes, unsigned interface);

/// The calls of `udplab_epoll_wait`: the first of these that is not refused is used.
enum { UDPLAB_EPOLL_PWAIT2, UDPLAB_PPOLL, UDPLAB_EPOLL_PWAIT };
/// Determines the call by trying. epoll_pwait2(2) exists since Linux 5.11, and many containers
/// refuse it; ppoll(2) of the epoll descriptor has nanoseconds as well; epoll_pwait(2) has
/// milliseconds, rounded up.
int udplab_wait_call(void);
/// Waits until a descriptor is ready. Returns the number of ready descriptors, or -errno; 0 after a
/// signal. `ready` receives the 64-bit data of each. timeout_ns < 0 waits forever.
int udplab_epoll_wait(int epoll_fd, uint64_t *ready, uint32_t *events, int capacity,
                      int64_t timeout_ns);
/// Waits until a descriptor is readable or has an error, for at most timeout_ns >= 0: ppoll(2), which
/// Swift's Glibc does not import, or poll(2), whose milliseconds are rounded up. 0, or -errno.
int udplab_wait_readable(int fd, int64_t timeout_ns);
int udplab_epoll_create(void);
int udplab_epoll_add(int epoll_fd, int fd, uint64_t data);
/// Whether `events` of a ready descriptor include a pending error (EPOLLERR).
int udplab_epoll_is_error(uint32_t events);

/// Creates an anonymous file of `bytes` zeros with memfd_create(2), which glibc declares only with
/// _GNU_SOURCE, unset in Swift, and maps it shared. The process stays visible to its runner under
/// /proc (PR_SET_DUMPABLE), which a change of user namespace may have disabled. Returns the
/// descriptor, or -errno.
int udplab_shared_memory(size_t bytes, void **start);

/// Pins the calling thread to one CPU; 0 or -errno.
int udplab_pin_thread(int cpu);
/// Fills `cpus` with the CPUs that this process may use. Returns their number, or -errno.
int udplab_allowed_cpus(int *cpus, int capacity);
/// Sets PR_SET_TIMERSLACK of the calling thread (the default of 50 µs makes sleeps late).
int udplab_set_timer_slack(uint64_t ns);
/// Ends this process when its parent process has exited. PR_SET_PDEATHSIG fires when the *thread*
/// that spawned this process exits, so its signal (SIGUSR2) only prompts a check of getppid(2).
int udplab_end_with_parent(void);
/// Sets the nice value of only the calling thread: setpriority(2), NOTES. 0 or -errno (EACCES
/// without CAP_SYS_NICE).
int udplab_set_nice(int value);
/// Names the calling thread (PR_SET_NAME, 15 bytes).
int udplab_set_thread_name(const char *name);
/// Turns each of these signals into one byte, its number, in a pipe. Returns the pipe's reading
/// end, or -errno. A handler is used, because a signal mask works only if every thread of every
/// library has it. To be called once.
///
/// All but `other` (0 for none) request a stop. A process that keeps running for `limit_s` seconds
/// after the first of them, or gets a third, exits with `exit_code`, whatever its threads wait for.
int udplab_catch_signals(
    const int *numbers, int count, int other, unsigned limit_s, int exit_code);
/// Returns the number of signals that have requested a stop.
int udplab_stop_count(void);
/// Whether the signal's disposition is SIG_IGN, which Swift cannot compare.
int udplab_is_ignored(int number);

/// Returns `ECONNREFUSED` for 111 (strerrorname_np, which Glibc's Swift module leaves out), or
/// NULL.
const char *udplab_errno_name(int number);
/// Returns the C library's English sentence for an errno, whatever the locale, or NULL.
const char *udplab_errno_text(int number);

/// Starts a program by fork and execvp in a process group of its own; the kernel kills it when the
/// calling thread exits. Its standard output and error go to `output_fd`, its standard input is
/// /dev/null. Returns the child's pid, or -errno (a failed exec is reported here, not by the
/// child).
pid_t udplab_spawn_guarded(char *const argv[], int output_fd);
/// Forks a guard process that waits for the exit of this one, in any way, and then kills the
/// process group: the children of a guarded program get no signal by themselves. Returns a
/// descriptor for udplab_dismiss_guard, or -errno.
int udplab_guard_group(pid_t group, pid_t *guard);
/// Makes this process the parent of orphaned descendants (PR_SET_CHILD_SUBREAPER), with sessions of
/// their own or not. 0 or -errno.
int udplab_adopt_orphans(void);
/// Calls waitpid(2) for any child, without blocking. Returns its pid and status, 0 if none has
/// exited, or -errno.
pid_t udplab_reap_any(int *exit_code, int *signal_number);
/// Ends the guard without a kill, and closes its descriptor.
void udplab_dismiss_guard(int guard_fd);
/// Calls waitpid(2) without blocking. Returns 1 and the status if the child exited, 0 if it runs,
/// or -errno.
int udplab_reap(pid_t pid, int *exit_code, int *signal_number);

/// Moves this process, which must have one thread, into a user namespace of its own where its
/// user is root: user_namespaces(7). 0 or -errno.
int udplab_enter_own_user_namespace(void);
/// Moves the calling thread into a new network namespace whose loopback interface is up. Returns a
/// descriptor of the namespace (close-on-exec), or -errno.
int udplab_make_network_namespace(void);
/// Does the same, through a user namespace if this process lacks the permission otherwise.
int udplab_enter_fresh_network(void);
/// Moves the calling thread into the network namespace of a descriptor. 0 or -errno.
int udplab_enter_network_namespace(int fd);
/// Moves this process, which must have one thread, into the network namespace that the process
/// `holder` has open as `holder_fd`, through the holder's user namespace if that is another:
/// setns(2). 0 or -errno.
int udplab_join_network(pid_t holder, int holder_fd);
/// Forks a child that enters a fresh network namespace as udplab_enter_fresh_network does and runs
/// there a program, named by its path, without input, whose output goes to `output_fd`; no program
/// if `argv` is NULL. Returns the program's exit code, 128 and the signal if one ended it, or
/// -errno of the namespace.
int udplab_try_in_namespace(char *const argv[], int output_fd, int *signal_number);

/// Creates a file in memory with this text, for programs that read files: memfd_create(2), which
/// Glibc's Swift module leaves out. Returns a descriptor (close-on-exec), or -errno.
int udplab_memory_file(const char *text, size_t bytes);

/// Opens a packet(7) socket that receives a copy of every UDP datagram over IPv4 that leaves a
/// socket of this network namespace, from its IP header on; of this source port only, unless that
/// is 0. Returns the descriptor (close-on-exec, non-blocking), or -errno: EPERM without
/// CAP_NET_RAW.
int udplab_open_tap(uint16_t source_port, int buffer_bytes);

/// Calls pipe2(2): close-on-exec, the reading end non-blocking. 0 or -errno.
int udplab_pipe(int ends[2]);
/// Sets the capacity of a pipe, as far as this user is permitted to (F_SETPIPE_SZ,
/// fs.pipe-max-size).
void udplab_widen_pipe(int fd, int bytes);

/// Calls accept4(2), which Swift's Glibc does not import. Returns the descriptor (close-on-exec,
/// non-blocking), or -errno.
int udplab_accept(int fd);

/// Opens a UDP socket. Returns the descriptor (close-on-exec), or -errno.
int udplab_open_socket(int family);
/// Calls setsockopt(2) with an int: 0 or -errno. The names are in Datagrams/SocketOption.swift.
int udplab_set_option(int fd, int level, int name, int value);
/// Calls getsockopt(2) for an int: 0 or -errno.
int udplab_get_option(int fd, int level, int name, int *value);
int udplab_set_receive_timeout(int fd, int64_t ns);

/// The time that this process adds to CLOCK_MONOTONIC, so that a worker on another host keeps the runner's
/// time. Set before any thread is started.
extern int64_t udplab_clock_offset_ns;
static inline int64_t udplab_clock_offset(void) { return udplab_clock_offset_ns; }
void udplab_set_clock_offset(int64_t ns);

/// Reads the largest error of the wall clock as the kernel estimates it, and the estimated one
/// (adjtimex(2), maxerror and esterror): 0 if the clock is synchronized, 1 if it is not, or -errno.
int udplab_clock_error(int64_t *error_ns, int64_t *estimated_ns);

/// Returns the number of words of the command line, as the kernel gave them to this process: Swift
/// reads them from /proc/self/cmdline, which some containers do not have.
int udplab_argument_count(void);
const char *udplab_argument(int index);
/// Returns the path by which this program was started (AT_EXECFN, getauxval(3)), or NULL.
const char *udplab_program_path(void);

/// Returns whether half of what this process may have of memory (RLIMIT_AS, RLIMIT_DATA), or the
/// least that it needs, cannot be had any more.
int udplab_is_short_of_memory(void);

/// A necessary system call that this host refuses.
typedef struct udplab_refusal {
    const char *call;     // NULL: nothing is refused
    const char *purpose;  // "wakes a thread that waits"
    int error;
} udplab_refusal;
/// Tries the calls that the Swift runtime needs in every process: if one is refused the runtime
/// ends with a trap, or waits forever, without a message.
udplab_refusal udplab_refused_by_runtime(void);
/// Tries the calls that a runner needs to start worker processes and to end them.
udplab_refusal udplab_refused_by_supervision(void);

#ifdef __cplusplus
}
#endif
#endif
