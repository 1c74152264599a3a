// Facts about the process before the Swift runtime does anything: its arguments, and the system
// calls that it may make. Glibc's Swift module has neither.
#define _GNU_SOURCE
#include "udplab_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

// The address space for the runtime and the stacks of its threads: with less (ulimit -v) a signal
// ends it, sometimes before main.
#define LEAST_ADDRESS_BYTES ((size_t)64 << 20)

static int can_map(size_t bytes, int access) {
    void *room = mmap(NULL, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return room != MAP_FAILED && !munmap(room, bytes);
}

static int has_room(size_t bytes) { return can_map(bytes, PROT_NONE); }

// Whether a limit on the memory of this process (RLIMIT_AS, RLIMIT_DATA of getrlimit(2)) is within
// reach: half of it, or less than the least, cannot be had any more. Memory that counts for
// RLIMIT_DATA is writable.
static int is_near_limit(int resource) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY) return 0;
    size_t half = limit.rlim_cur / 2;
    size_t least = half > LEAST_ADDRESS_BYTES ? half : LEAST_ADDRESS_BYTES;
    return !can_map(least, PROT_READ | PROT_WRITE);
}

int udplab_is_short_of_memory(void) {
    return is_near_limit(RLIMIT_AS) || is_near_limit(RLIMIT_DATA);
}

// The Swift runtime does not return from an allocation that fails: it ends the process by a signal,
// and so does the kernel where the stack of the first thread cannot grow. Near a limit on memory
// that is this host's, and is said; else the signal is what it was. Only calls that a handler may
// make (signal-safety(7)), and system calls.
static void end_by_signal(int number) {
    if (udplab_is_short_of_memory()) {
        static const char sentence[] =
            "udplab: out of memory: this host limits what a process may have; raise the limit "
            "(ulimit -v, ulimit -d), or give the plan a lower rate, fewer flows or a shorter "
            "\"timeout\"\n";
        ssize_t ignored = write(2, sentence, sizeof sentence - 1);
        (void)ignored;
        _exit(75);  // EX_TEMPFAIL of sysexits(3), ExitStatus.inconclusive
    }
    signal(number, SIG_DFL);
    raise(number);
}

// The stack of the handler on the first thread, whose own may be what cannot grow.
static char handler_stack[64 << 10];

__attribute__((constructor(102))) static void watch_for_memory(void) {
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = end_by_signal, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT};
    for (unsigned i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        sigaction(fatal[i], &action, NULL);
}

__attribute__((constructor(101))) static void look_at_memory(void) {
    if (has_room(LEAST_ADDRESS_BYTES)) return;
    static const char sentence[] =
        "udplab: this host gives it less than 64 MiB of address space: raise the limit (ulimit -v)\n";
    ssize_t ignored = write(2, sentence, sizeof sentence - 1);
    (void)ignored;
    _exit(75);  // EX_TEMPFAIL of sysexits(3), ExitStatus.inconclusive
}

// glibc passes the arguments of main to every constructor (elf/dl-init.c, csu/libc-start.c).
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
    argument_count = count;
    arguments = words;
}

int udplab_argument_count(void) { return argument_count; }

const char *udplab_argument(int index) {
    return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

const char *udplab_program_path(void) { return (const char *)getauxval(AT_EXECFN); }

// A call with arguments without effect, most of which are invalid for the kernel: whatever error it
// returns, the call exists, unless the error is one of a filter or of an old kernel.
typedef struct attempt {
    const char *call, *purpose;
    long number;
    long arguments[5];
} attempt;

static udplab_refusal first_refused(const attempt *attempts, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        const long *a = attempts[i].arguments;
        if (syscall(attempts[i].number, a[0], a[1], a[2], a[3], a[4]) >= 0) continue;
        if (errno == ENOSYS || errno == EPERM || errno == EACCES)
            return (udplab_refusal){attempts[i].call, attempts[i].purpose, errno};
    }
    return (udplab_refusal){0};
}

static void *wait_in_line(void *line) {
    pthread_mutex_lock(line);
    pthread_mutex_unlock(line);
    return NULL;
}

// The number of threads that the runtime starts before it does any work: the executor's, its
// manager and the one for signals.
#define RUNTIME_THREADS 6

// The threads that swift-subprocess 1.0 starts at its first use: two monitors and the spawner.
#define SUPERVISION_THREADS 3

// pthread_create(3) returns EAGAIN for both.
#define STACK_BYTES ((size_t)8 << 20)

static int try_threads(int count) {
    pthread_mutex_t line = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[RUNTIME_THREADS];
    int started = 0, error = 0;
    pthread_mutex_lock(&line);
    while (started < count && !error) {
        error = pthread_create(&threads[started], NULL, wait_in_line, &line);
        if (!error) started++;
    }
    pthread_mutex_unlock(&line);
    while (started > 0) pthread_join(threads[--started], NULL);
    return error;
}

static udplab_refusal refused_threads(int count) {
    int error = try_threads(count);
    if (error == EAGAIN && !has_room(count * STACK_BYTES))
        return (udplab_refusal){"mmap", "gives a thread its stack", ENOMEM};
    if (error) return (udplab_refusal){"pthread_create", "starts a thread", error};
    return (udplab_refusal){0};
}

// The number of files that the runtime opens before it does any work: without them it traps. The
// soft limit is raised to the hard one first, as every process may do.
#define DESCRIPTORS 5

static int open_descriptors(void) {
    int fds[DESCRIPTORS], count = 0, error = 0;
    while (count < DESCRIPTORS && !error) {
        fds[count] = dup(2);
        if (fds[count] < 0)
            error = errno;
        else
            count++;
    }
    while (count > 0) close(fds[--count]);
    return error == EMFILE || error == ENFILE ? error : 0;
}

static int try_descriptors(void) {
    int error = open_descriptors();
    struct rlimit limit;
    if (error != EMFILE || getrlimit(RLIMIT_NOFILE, &limit)) return error;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) ? error : open_descriptors();
}

// libdispatch reads there which of its workers run, and traps if it cannot ("workq: registered
// worker exited prematurely", src/event/workqueue.c): a second later, or never.
static int try_thread_states(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", syscall(SYS_gettid));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

udplab_refusal udplab_refused_by_runtime(void) {
    static uint32_t word;
    const attempt attempts[] = {
        {"futex", "has threads wait for each other", SYS_futex,
         {(long)&word, FUTEX_WAKE_PRIVATE, 1}},
        {"write", "tells you anything", SYS_write, {-1}},
        {"gettid", "tells threads apart", SYS_gettid, {0}},
        {"getpid", "tells processes apart", SYS_getpid, {0}},
        {"epoll_create1", "waits for files and timers", SYS_epoll_create1, {-1}},
        {"epoll_ctl", "waits for files and timers", SYS_epoll_ctl, {-1, EPOLL_CTL_DEL, -1}},
#ifdef SYS_epoll_wait  // not on Arm, where glibc takes the one with p
        {"epoll_wait", "waits for files and timers", SYS_epoll_wait, {-1}},
#endif
        {"eventfd2", "wakes a thread that waits", SYS_eventfd2, {0, -1}},
        {"timerfd_create", "wakes a thread at a time", SYS_timerfd_create, {-1}},
        {"timerfd_settime", "wakes a thread at a time", SYS_timerfd_settime, {-1}},
    };
    udplab_refusal refusal = first_refused(attempts, sizeof attempts / sizeof attempts[0]);
    if (refusal.call) return refusal;
    int error = try_descriptors();
    if (error) return (udplab_refusal){"dup", "opens files and sockets", error};
    refusal = refused_threads(RUNTIME_THREADS);
    if (refusal.call) return refusal;
    error = try_thread_states();
    if (error)
        return (udplab_refusal){"to open /proc/self/task", "tells which threads run", error};
    return refusal;
}

udplab_refusal udplab_refused_by_supervision(void) {
    const attempt attempts[] = {
        {"pipe2", "talks to a worker process", SYS_pipe2, {0, -1}},
        {"dup3", "gives a worker process its streams", SYS_dup3, {-1, -1, -1}},
#ifdef SYS_dup2
        {"dup2", "gives a worker process its streams", SYS_dup2, {-1, -1}},
#endif
        {"fcntl", "keeps a worker's pipe from waiting", SYS_fcntl, {-1, F_GETFL}},
        {"setpgid", "gives a worker a process group of its own", SYS_setpgid, {-1, -1}},
        {"waitid", "learns how a worker ended", SYS_waitid, {P_ALL}},
        {"epoll_pwait", "waits for the end of a worker", SYS_epoll_pwait, {-1}},
#ifdef SYS_poll
        {"poll", "has a worker wait for its orders", SYS_poll, {0}},
#endif
        {"kill", "ends a worker process", SYS_kill, {getpid()}},
    };
    udplab_refusal refusal = first_refused(attempts, sizeof attempts / sizeof attempts[0]);
    return refusal.call ? refusal : refused_threads(SUPERVISION_THREADS);
}
