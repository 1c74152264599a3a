import CLinuxUDP
import Glibc

/// An error number of the kernel: errno(3).
package struct SystemErrno: RawRepresentable, Error, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// The symbolic name, for example `ECONNREFUSED`; `errno 200` if there is none.
    package var name: String {
        guard let name = udplab_errno_name(rawValue) else { return "errno \(rawValue)" }
        return String(cString: name)
    }

    /// The name and the C library's sentence: `ECONNREFUSED (Connection refused)`.
    package var description: String {
        guard let text = udplab_errno_text(rawValue) else { return name }
        return "\(name) (\(String(cString: text)))"
    }

    package static let tryAgain = SystemErrno(rawValue: EAGAIN)
    package static let noBuffers = SystemErrno(rawValue: ENOBUFS)
    package static let connectionRefused = SystemErrno(rawValue: ECONNREFUSED)
    package static let notPermitted = SystemErrno(rawValue: EPERM)
    package static let messageTooLong = SystemErrno(rawValue: EMSGSIZE)
    package static let hostUnreachable = SystemErrno(rawValue: EHOSTUNREACH)
    package static let networkUnreachable = SystemErrno(rawValue: ENETUNREACH)
    package static let badDescriptor = SystemErrno(rawValue: EBADF)
    package static let badAddress = SystemErrno(rawValue: EFAULT)
    package static let addressInUse = SystemErrno(rawValue: EADDRINUSE)
    package static let invalidArgument = SystemErrno(rawValue: EINVAL)
    package static let inputOutput = SystemErrno(rawValue: EIO)
    package static let noDevice = SystemErrno(rawValue: ENODEV)
}

/// A failed system call: its name, its object and its error.
package struct SystemFailure: Error, Sendable, CustomStringConvertible {
    package let call: String
    package let subject: String
    package let errno: SystemErrno
    /// A more precise reason than the errno, if one is known.
    package let reason: String?
    /// Advice for the user; empty if there is none.
    package let advice: String

    package init(
        _ call: String, _ subject: String, _ errno: SystemErrno, reason: String? = nil,
        advice: String = ""
    ) {
        self.call = call
        self.subject = subject
        self.errno = errno
        self.reason = reason
        self.advice = advice
    }

    package var description: String {
        let what = "\(call)\(subject.isEmpty ? "" : " ")\(subject): \(reason ?? "\(errno)")"
        return advice.isEmpty ? what : "\(what); \(advice)"
    }
}
