import Harness
import Testing

/// A launcher in C that has system calls of the program fail (seccomp(2)), built once.
///
/// A filter of its own and not a library's: the test has to say which call fails with which errno,
/// and nothing else.
struct DenialLauncher {
    /// The launcher's own execve is made before the filter could refuse it, and what a C library
    /// needs to load the program at all would refuse the launcher's work and not the program's.
    static let source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static const struct { const char *name; int number; } calls[] = {
        %TABLE%
        };

        static int number(const char *name) {
            for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++)
                if (!strcmp(calls[i].name, name)) return calls[i].number;
            return -1;
        }

        // deny ERRNO CALL[,CALL…] COMMAND…: a call that this machine does not have is no call.
        int main(int count, char **words) {
            if (count < 4) return 2;
            struct sock_filter code[64];
            unsigned length = 0;
            code[length++] = (struct sock_filter)BPF_STMT(
                BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
            for (char *name = strtok(words[2], ","); name && length < 60; name = strtok(NULL, ",")) {
                int nr = number(name);
                if (nr < 0) continue;
                code[length++] = (struct sock_filter)BPF_JUMP(
                    BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1);
                code[length++] = (struct sock_filter)BPF_STMT(
                    BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)atoi(words[1]));
            }
            code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
            struct sock_fprog program = {(unsigned short)length, code};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
                syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
                perror("seccomp");
                return 2;
            }
            execvp(words[3], words + 3);
            perror(words[3]);
            return 2;
        }
        """

    private let directory: TemporaryDirectory

    init(calls: [String]) async throws {
        directory = try TemporaryDirectory()
        let table = calls.map { "#ifdef SYS_\($0)\n    {\"\($0)\", SYS_\($0)},\n#endif" }
        try directory.write(
            "deny.c",
            Self.source.replacing("%TABLE%", with: table.joined(separator: "\n")))
        let built = try await Execution.run(
            ["-o", directory.file("deny"), "deny.c"], program: "clang", in: directory)
        try #require(built.code == 0, "clang, which is a part of Swift, failed: \(built.all)")
    }

    /// The words in front of a program.
    func words(_ errno: Int32, _ calls: [String]) -> [String] {
        [directory.file("deny"), "\(errno)", calls.joined(separator: ",")]
    }
}
