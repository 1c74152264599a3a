import CLinuxUDP
import Glibc

/// An error number of the kernel as a value: `errno(3)`.
package struct SystemErrno: RawRepresentable, Error, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// The symbolic name, for example `ECONNREFUSED`; `errno 200` where there is none.
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

/// A system call that failed: which call, on what, and why.
package struct SystemFailure: Error, Sendable, CustomStringConvertible {
    package let call: String
    package let subject: String
    package let errno: SystemErrno
    /// Says more than the errno does, where something other than the kernel gave the reason.
    package let reason: String?
    /// What the user can do about it; empty when there is nothing particular to say.
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
