// Sockets, readiness, threads and processes: calls that Glibc's Swift module leaves out.
#define _GNU_SOURCE
#include "udplab_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
#define MAX_READY 64

int udplab_join_group(int fd, const void *group, size_t bytes, unsigned interface) {
    int result, others = 0;
    if (bytes == sizeof(struct in_addr)) {
        struct ip_mreqn request = {.imr_ifindex = (int)interface};
        memcpy(&request.imr_multiaddr, group, bytes);
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &others, sizeof others);
        result = setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
    } else {
        struct ipv6_mreq request = {.ipv6mr_interface = interface};
        memcpy(&request.ipv6mr_multiaddr, group, sizeof request.ipv6mr_multiaddr);
        setsockopt(fd, IPPROTO_IPV6, 29 /* IPV6_MULTICAST_ALL, Linux 4.20 */, &others,
                   sizeof others);
        result = setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request);
    }
    return result ? -errno : 0;
}

int64_t udplab_receive_drops(int fd) {
    uint32_t figures[SK_MEMINFO_VARS] = {0};
    socklen_t bytes = sizeof figures;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, figures, &bytes)) return -errno;
    return figures[SK_MEMINFO_DROPS];
}

int64_t udplab_receive_room(int fd) {
    uint32_t figures[SK_MEMINFO_VARS] = {0};
    socklen_t bytes = sizeof figures;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, figures, &bytes)) return INT64_MIN;
    return (int64_t)figures[SK_MEMINFO_RCVBUF] - figures[SK_MEMINFO_RMEM_ALLOC];
}

int udplab_epoll_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int udplab_epoll_is_error(uint32_t events) { return (events & EPOLLERR) != 0; }

int udplab_epoll_add(int epoll_fd, int fd, uint64_t data) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

// −1: not tried yet. Two threads that try at once get the same result.
static _Atomic int wait_call = -1;

int udplab_wait_call(void) {
    int call = wait_call;
    if (call >= 0) return call;
    struct epoll_event event;
    struct timespec now = {0, 0};
    // By number: glibc before 2.35 has no wrapper. EBADF for an invalid descriptor shows that the
    // call exists.
    long result = syscall(SYS_epoll_pwait2, -1, &event, 1, &now, NULL, (size_t)0);
    if (result < 0 && errno == EBADF)
        call = UDPLAB_EPOLL_PWAIT2;
    else
        call = ppoll(NULL, 0, &now, NULL) == 0 ? UDPLAB_PPOLL : UDPLAB_EPOLL_PWAIT;
    wait_call = call;
    return call;
}

static int64_t milliseconds(int64_t ns) {
    int64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    return ms > INT32_MAX ? INT32_MAX : ms;
}

// Returns the number of ready descriptors, or −1 and errno.
static long wait_by(int call, int epoll_fd, struct epoll_event *found, int capacity, int64_t ns) {
    struct timespec limit = {ns / 1000000000, ns % 1000000000};
    if (call == UDPLAB_EPOLL_PWAIT2)
        return syscall(SYS_epoll_pwait2, epoll_fd, found, capacity, ns < 0 ? NULL : &limit, NULL,
                       (size_t)0);
    if (call == UDPLAB_EPOLL_PWAIT)
        return epoll_pwait(epoll_fd, found, capacity, ns < 0 ? -1 : (int)milliseconds(ns), NULL);
    if (ns != 0) {
        // An epoll descriptor is itself readable while one of its own is ready: epoll(7).
        struct pollfd entry = {.fd = epoll_fd, .events = POLLIN};
        int ready = ppoll(&entry, 1, ns < 0 ? NULL : &limit, NULL);
        if (ready <= 0) return ready;
    }
    return epoll_pwait(epoll_fd, found, capacity, 0, NULL);
}

int udplab_epoll_wait(int epoll_fd, uint64_t *ready, uint32_t *events, int capacity,
                      int64_t timeout_ns) {
    struct epoll_event found[MAX_READY];
    if (capacity > MAX_READY) capacity = MAX_READY;
    long count = wait_by(udplab_wait_call(), epoll_fd, found, capacity, timeout_ns);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (long i = 0; i < count; i++) {
        ready[i] = found[i].data.u64;
        events[i] = found[i].events;
    }
    return (int)count;
}

int udplab_wait_readable(int fd, int64_t timeout_ns) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    struct timespec limit = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    if (ppoll(&entry, 1, &limit, NULL) >= 0 || errno == EINTR) return 0;
    // A filter that refuses the call may know the older one.
    if (poll(&entry, 1, (int)milliseconds(timeout_ns)) >= 0 || errno == EINTR) return 0;
    return -errno;
}

int udplab_pin_thread(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof set, &set) ? -errno : 0;
}

int udplab_allowed_cpus(int *cpus, int capacity) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set)) return -errno;
    int count = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && count < capacity; cpu++)
        if (CPU_ISSET(cpu, &set)) cpus[count++] = cpu;
    return count;
}

int udplab_set_timer_slack(uint64_t ns) {
    return prctl(PR_SET_TIMERSLACK, (unsigned long)ns, 0, 0, 0) ? -errno : 0;
}

int udplab_shared_memory(size_t bytes, void **start) {
    int fd = memfd_create("udplab-counts", MFD_CLOEXEC);
    if (fd < 0) return -errno;
    void *mapped = MAP_FAILED;
    if (!ftruncate(fd, (off_t)bytes))
        mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED || prctl(PR_SET_DUMPABLE, 1UL, 0, 0, 0)) {
        int error = errno;
        close(fd);
        return -error;
    }
    *start = mapped;
    return fd;
}

static pid_t first_parent;

static void look_for_parent(int number) {
    (void)number;
    if (getppid() != first_parent) _exit(0);
}

int udplab_end_with_parent(void) {
    first_parent = getppid();
    struct sigaction action = {.sa_handler = look_for_parent, .sa_flags = SA_RESTART};
    if (sigaction(SIGUSR2, &action, NULL)) return -errno;
    if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGUSR2, 0, 0, 0)) return -errno;
    look_for_parent(SIGUSR2);
    return 0;
}

static int signal_fd = -1, other_signal, stop_exit_code;
static unsigned stop_limit_s;
static volatile sig_atomic_t stop_count;

int udplab_stop_count(void) { return stop_count; }

// Async-signal-safe: the threads of the process may wait for anything.
static void end_overdue(int number) {
    (void)number;
    static const char sentence[] =
        "udplab: it did not end within seconds of the signal, so it is ended\n";
    struct pollfd room = {.fd = 2, .events = POLLOUT};
    if (poll(&room, 1, 0) == 1 && room.revents == POLLOUT) {
        ssize_t ignored = write(2, sentence, sizeof sentence - 1);
        (void)ignored;
    }
    _exit(stop_exit_code);
}

static void pass_on(int number) {
    int saved = errno;
    if (number != other_signal) {
        stop_count = stop_count + 1;
        if (stop_count == 1) alarm(stop_limit_s);
        if (stop_count > 2) _exit(stop_exit_code);
    }
    unsigned char octet = (unsigned char)number;
    ssize_t ignored = write(signal_fd, &octet, 1);
    (void)ignored;
    errno = saved;
}

int udplab_catch_signals(
    const int *numbers, int count, int other, unsigned limit_s, int exit_code) {
    int ends[2];
    other_signal = other;
    stop_limit_s = limit_s;
    stop_exit_code = exit_code;
    if (pipe2(ends, O_CLOEXEC)) return -errno;
    // A handler must not block: with 64 KiB unread the number of signals has no meaning any more.
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK)) return -errno;
    signal_fd = ends[1];
    struct sigaction end = {.sa_handler = end_overdue};
    if (sigaction(SIGALRM, &end, NULL)) return -errno;
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    for (int index = 0; index < count; index++)
        if (sigaction(numbers[index], &action, NULL)) return -errno;
    return ends[0];
}

int udplab_is_ignored(int number) {
    struct sigaction action;
    return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

int udplab_set_nice(int value) {
    return setpriority(PRIO_PROCESS, 0, value) ? -errno : 0;
}

int64_t udplab_clock_offset_ns = 0;

void udplab_set_clock_offset(int64_t ns) { udplab_clock_offset_ns = ns; }

int udplab_clock_error(int64_t *error_ns, int64_t *estimated_ns) {
    struct timex state = {.modes = 0};
    int clock = adjtimex(&state);
    if (clock < 0) return -errno;
    *error_ns = (int64_t)state.maxerror * 1000;
    *estimated_ns = (int64_t)state.esterror * 1000;
    return clock == TIME_ERROR || (state.status & STA_UNSYNC) ? 1 : 0;
}

const char *udplab_errno_name(int number) { return strerrorname_np(number); }
const char *udplab_errno_text(int number) { return strerrordesc_np(number); }

int udplab_set_thread_name(const char *name) {
    return prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0) ? -errno : 0;
}

// Runs in the child of udplab_spawn_guarded: only async-signal-safe calls.
static void become(char *const argv[], int output_fd, int report_fd, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0, 0, 0);
    if (getppid() != parent) _exit(127);  // the parent ended before the line above
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) dup2(nothing, 0);
    dup2(output_fd, 1);
    dup2(output_fd, 2);
    execvp(argv[0], argv);
    int reason = errno;
    ssize_t ignored = write(report_fd, &reason, sizeof reason);
    (void)ignored;
    _exit(127);
}

pid_t udplab_spawn_guarded(char *const argv[], int output_fd) {
    int report[2];
    if (pipe2(report, O_CLOEXEC)) return -errno;
    pid_t parent = getpid(), child = fork();
    if (child < 0) {
        int reason = errno;
        close(report[0]);
        close(report[1]);
        return -reason;
    }
    if (child == 0) become(argv, output_fd, report[1], parent);
    close(report[1]);
    int reason = 0;
    ssize_t got;
    do got = read(report[0], &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    close(report[0]);
    if (got != sizeof reason) return child;
    waitpid(child, NULL, 0);
    return -reason;
}

// Runs in the child of udplab_guard_group: only async-signal-safe calls.
static void guard(pid_t group, int life_fd) {
    setsid();
    prctl(PR_SET_NAME, (unsigned long)"udplab-guard", 0, 0, 0);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
    // The worker's own pipes have to close with the worker, so no copy may stay open here.
    if (dup2(life_fd, 0) < 0) _exit(127);
    if (syscall(SYS_close_range, 1u, ~0u, 0u))
        for (long fd = sysconf(_SC_OPEN_MAX); fd > 0; fd--) close((int)fd);
    char octet;
    ssize_t got;
    do got = read(0, &octet, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0) kill(-group, SIGKILL);
    _exit(0);
}

int udplab_guard_group(pid_t group, pid_t *guard_pid) {
    int life[2];
    if (pipe2(life, O_CLOEXEC)) return -errno;
    pid_t child = fork();
    if (child == 0) guard(group, life[0]);
    int reason = errno;
    close(life[0]);
    if (child > 0) {
        *guard_pid = child;
        return life[1];
    }
    close(life[1]);
    return -reason;
}

void udplab_dismiss_guard(int guard_fd) {
    ssize_t ignored = write(guard_fd, "", 1);
    (void)ignored;
    close(guard_fd);
}

int udplab_adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) ? -errno : 0;
}

static pid_t reap(pid_t pid, int *exit_code, int *signal_number) {
    int status = 0;
    pid_t ended;
    do ended = waitpid(pid, &status, WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return ended;
}

int udplab_reap(pid_t pid, int *exit_code, int *signal_number) {
    pid_t ended = reap(pid, exit_code, signal_number);
    return ended > 0 ? 1 : ended;
}

pid_t udplab_reap_any(int *exit_code, int *signal_number) {
    return reap(-1, exit_code, signal_number);
}

void udplab_widen_pipe(int fd, int bytes) { fcntl(fd, F_SETPIPE_SZ, bytes); }

int udplab_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC)) return -errno;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) ? -errno : 0;
}

int udplab_accept(int fd) {
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return accepted < 0 ? -errno : accepted;
}

int udplab_open_socket(int family) {
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

int udplab_set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) ? -errno : 0;
}

int udplab_get_option(int fd, int level, int name, int *value) {
    socklen_t bytes = sizeof *value;
    return getsockopt(fd, level, name, value, &bytes) ? -errno : 0;
}

int udplab_set_receive_timeout(int fd, int64_t ns) {
    struct timeval limit = {ns / 1000000000, (ns % 1000000000) / 1000};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ? -errno : 0;
}
