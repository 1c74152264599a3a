import Datagrams

/// An entry of an error queue, as far as the ledger needs it.
package struct KernelError: Sendable {
    package let errno: SystemErrno
    /// Whether the error came by ICMP: a reset if the errno is ECONNREFUSED.
    package let isICMP: Bool
    /// The session of the probe concerned, if the entry carries its head.
    package let session: UInt16?

    /// Whether the entry carries the head of the probe concerned.
    package var isAttributed: Bool { session != nil }

    package init(errno: SystemErrno, isICMP: Bool, session: UInt16?) {
        self.errno = errno
        self.isICMP = isICMP
        self.session = session
    }
}
