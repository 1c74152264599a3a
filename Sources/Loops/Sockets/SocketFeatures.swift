import Datagrams

/// The requested features of a socket beyond plain datagrams; after `probed` only those that it
/// supports.
package struct SocketFeatures: Sendable, Equatable {
    /// The datagram size of UDP_SEGMENT, which divides a message; `nil` without.
    package var segmentBytes: Int?
    /// Whether UDP_GRO is used: runs of equal datagrams arrive as one message.
    package var coalesces = false
    /// Whether SO_TIMESTAMPNS is used: the kernel's receive time comes with each message.
    package var timestamps = false
    /// Whether IP_PMTUDISC_DO is set: a datagram that does not fit the path is refused (EMSGSIZE).
    /// Every kernel has it.
    package var isNeverFragmented = false

    /// Whether the traffic class and the hop limit come with each message.
    package var reportsMarks = false

    package init(
        segmentBytes: Int? = nil, coalesces: Bool = false, timestamps: Bool = false,
        isNeverFragmented: Bool = false, reportsMarks: Bool = false
    ) {
        self.segmentBytes = segmentBytes
        self.coalesces = coalesces
        self.timestamps = timestamps
        self.isNeverFragmented = isNeverFragmented
        self.reportsMarks = reportsMarks
    }

    /// Returns the features without those that this kernel refuses, tried on a socket that sends
    /// nothing.
    /// - Throws: If no datagram can be sent or received on this host.
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
        if reportsMarks, socket.reportTrafficClass() != nil { granted.reportsMarks = false }
        return granted
    }

    /// Sets the options, all of which `probed` has tried successfully.
    func apply(to socket: borrowing DatagramSocket) {
        if let segmentBytes { _ = socket.set(.segment, to: segmentBytes) }
        if coalesces { _ = socket.set(.receiveOffload, to: 1) }
        if timestamps { _ = socket.set(.timestampsNs, to: 1) }
        if isNeverFragmented { _ = socket.neverFragment() }
        if reportsMarks {
            _ = socket.reportTrafficClass()
            _ = socket.reportHopLimit()
        }
    }
}

/// The delay of a datagram from the kernel's receive to the program's.
enum StackDelay {
    /// The limit above which a delay is not accepted: the wall clock, which the kernel's stamps
    /// use, was stepped.
    static let limitNs: Int64 = 1_000_000_000
}
