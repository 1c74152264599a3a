import Datagrams

/// What is asked of a socket beyond plain datagrams, after `probed` only what it can do.
package struct SocketFeatures: Sendable, Equatable {
    /// UDP_SEGMENT: one message leaves as datagrams of this many bytes; `nil` without.
    package var segmentBytes: Int?
    /// UDP_GRO: runs of equal datagrams arrive as one message.
    package var coalesces = false
    /// SO_TIMESTAMPNS: the kernel's receive time comes with each message.
    package var timestamps = false
    /// IP_PMTUDISC_DO: what does not fit the path is refused (EMSGSIZE). Every kernel has it.
    package var isNeverFragmented = false

    package init(
        segmentBytes: Int? = nil, coalesces: Bool = false, timestamps: Bool = false,
        isNeverFragmented: Bool = false
    ) {
        self.segmentBytes = segmentBytes
        self.coalesces = coalesces
        self.timestamps = timestamps
        self.isNeverFragmented = isNeverFragmented
    }

    /// The same without what this kernel refuses: tried on a socket that sends nothing.
    /// - Throws: When no datagram can be sent or received here at all.
    package func probed(family: SocketAddress.Family) throws(SystemFailure) -> SocketFeatures {
        try MessageCalls.current.checkSending()
        try MessageCalls.current.checkReceiving()
        let socket = try DatagramSocket(family: family)
        var granted = self
        if let bytes = segmentBytes, socket.set(.segment, to: bytes) != nil {
            granted.segmentBytes = nil
        }
        if coalesces, socket.set(.receiveOffload, to: 1) != nil { granted.coalesces = false }
        if timestamps, socket.set(.timestampsNs, to: 1) != nil { granted.timestamps = false }
        return granted
    }

    /// Sets the options, all of which `probed` has found to work.
    func apply(to socket: borrowing DatagramSocket) {
        if let segmentBytes { _ = socket.set(.segment, to: segmentBytes) }
        if coalesces { _ = socket.set(.receiveOffload, to: 1) }
        if timestamps { _ = socket.set(.timestampsNs, to: 1) }
        if isNeverFragmented { _ = socket.neverFragment() }
    }
}

/// The way of a datagram from the kernel's receive to the program's.
enum StackDelay {
    /// Longer than any that is believed: the wall clock, by which the kernel stamps, was stepped.
    static let limitNs: Int64 = 1_000_000_000
}
