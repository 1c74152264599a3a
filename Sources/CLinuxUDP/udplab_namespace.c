// Network and user namespaces: namespaces(7), user_namespaces(7), network_namespaces(7).
#define _GNU_SOURCE
#include "udplab_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    ssize_t wrote = write(fd, text, strlen(text));
    int reason = wrote < 0 ? errno : 0;
    close(fd);
    return -reason;
}

int udplab_enter_own_user_namespace(void) {
    unsigned uid = geteuid(), gid = getegid();
    if (unshare(CLONE_NEWUSER)) return -errno;
    char line[64];
    // An unprivileged process may map its group only after it has disabled setgroups(2).
    int result = write_file("/proc/self/setgroups", "deny");
    if (result && result != -ENOENT) return result;
    snprintf(line, sizeof line, "0 %u 1", uid);
    result = write_file("/proc/self/uid_map", line);
    if (result) return result;
    snprintf(line, sizeof line, "0 %u 1", gid);
    return write_file("/proc/self/gid_map", line);
}

// A new namespace has a loopback interface that is down.
static int raise_loopback(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct ifreq request = {0};
    strcpy(request.ifr_name, "lo");
    int result = ioctl(fd, SIOCGIFFLAGS, &request);
    if (!result) {
        request.ifr_flags |= IFF_UP;
        result = ioctl(fd, SIOCSIFFLAGS, &request);
    }
    int reason = result ? errno : 0;
    close(fd);
    return -reason;
}

int udplab_make_network_namespace(void) {
    if (unshare(CLONE_NEWNET)) return -errno;
    int result = raise_loopback();
    if (result) return result;
    // Not /proc/self, which has the namespaces of the process's first thread.
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int udplab_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET) ? -errno : 0; }

int udplab_join_network(pid_t holder, int holder_fd) {
    char path[64];
    struct stat own, theirs;
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)holder);
    int user = open(path, O_RDONLY | O_CLOEXEC);
    if (user < 0) return -errno;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)holder, holder_fd);
    int network = open(path, O_RDONLY | O_CLOEXEC);
    int result = network < 0 ? -errno : 0;
    // Entering one's own user namespace is an error (setns(2), EINVAL).
    if (!result && (fstat(user, &theirs) || stat("/proc/self/ns/user", &own))) result = -errno;
    int is_other = !result && (own.st_ino != theirs.st_ino || own.st_dev != theirs.st_dev);
    if (is_other && setns(user, CLONE_NEWUSER)) result = -errno;
    if (!result && setns(network, CLONE_NEWNET)) result = -errno;
    close(user);
    if (network >= 0) close(network);
    return result;
}

int udplab_enter_fresh_network(void) {
    int fd = udplab_make_network_namespace();
    if (fd != -EPERM) return fd;
    int result = udplab_enter_own_user_namespace();
    return result ? result : udplab_make_network_namespace();
}

// Runs in the child of udplab_try_in_namespace: only async-signal-safe calls, and snprintf of
// integers, which glibc's manual lists as safe but for its locale.
static void attempt(char *const argv[], int report_fd, int output_fd) {
    int reason = udplab_enter_fresh_network();
    if (reason >= 0) reason = 0;
    ssize_t ignored = write(report_fd, &reason, sizeof reason);
    (void)ignored;
    if (reason || !argv) _exit(reason ? 126 : 0);
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(output_fd, 1);
    dup2(output_fd, 2);
    execv(argv[0], argv);
    _exit(127);
}

int udplab_try_in_namespace(char *const argv[], int output_fd, int *signal_number) {
    int report[2];
    if (pipe2(report, O_CLOEXEC)) return -errno;
    pid_t child = fork();
    if (child == 0) attempt(argv, report[1], output_fd);
    int reason = child < 0 ? -errno : -ECHILD;
    close(report[1]);
    if (child > 0) {
        ssize_t got;
        do got = read(report[0], &reason, sizeof reason);
        while (got < 0 && errno == EINTR);
        int status = 0;
        pid_t ended;
        do ended = waitpid(child, &status, 0);
        while (ended < 0 && errno == EINTR);
        if (got == sizeof reason && !reason)
            reason = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
        *signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    close(report[0]);
    return reason;
}

int udplab_memory_file(const char *text, size_t bytes) {
    int fd = memfd_create("udplab", MFD_CLOEXEC);
    if (fd < 0) return -errno;
    while (bytes > 0) {
        ssize_t wrote = write(fd, text, bytes);
        if (wrote < 0) {
            int reason = errno;
            close(fd);
            return -reason;
        }
        text += wrote;
        bytes -= (size_t)wrote;
    }
    return fd;
}
