import CLinuxUDP
import Glibc

/// A system call that udplab needs and this host refuses, as a container's seccomp filter or an old
/// kernel does.
package struct HostRefusal: Error, Sendable, CustomStringConvertible {
    package let call: String
    /// The purpose of the call: "wakes a thread that waits".
    package let purpose: String
    package let errno: SystemErrno

    private init?(_ refusal: udplab_refusal) {
        guard let call = refusal.call, let purpose = refusal.purpose else { return nil }
        self.call = String(cString: call)
        self.purpose = String(cString: purpose)
        errno = SystemErrno(rawValue: refusal.error)
    }

    /// Returns a refused call that the Swift runtime needs: it would trap, or wait forever.
    package static func ofRuntime() -> HostRefusal? {
        HostRefusal(udplab_refused_by_runtime())
    }

    /// Returns a refused call that the runner needs to start worker processes and to end them.
    package static func ofSupervision() -> HostRefusal? {
        HostRefusal(udplab_refused_by_supervision())
    }

    /// Whether a limit on the memory of this process is within reach: what fails then may have
    /// failed for want of memory.
    package static var isShortOfMemory: Bool { udplab_is_short_of_memory() != 0 }

    package var description: String {
        let advice =
            switch errno.rawValue {
            case EAGAIN:
                "the limit on processes is reached (ulimit -u, or pids.max of the control group)"
            case ENOENT: "is /proc mounted?"
            case EMFILE: "raise the limit on open files (ulimit -n)"
            case ENFILE: "this host has too many open files (fs.file-max)"
            case ENOMEM: "raise the limit on memory (ulimit -v)"
            default: "look at the seccomp profile of the container or service"
            }
        return "this host refuses \(call), which \(purpose): \(errno); \(advice)"
    }
}
