import Datagrams

package struct Ready: Codable, Sendable {
    /// The bound addresses. Of a relay: the listening address, and then its address towards the
    /// target of each known client.
    package var addresses: [String] = []
    package var receiveBufferAskedBytes = 0
    /// The granted buffer size; `nil` if the kernel does not report it.
    package var receiveBufferGrantedBytes: Int?
    package var sendBufferGrantedBytes: Int?
    package var features = FeaturesGranted()
    /// Of a responder: the monotonic time at which its port was open.
    package var boundNs: Int64?
    /// Of a responder that shares its counts: the descriptor, see `SharedCounts`.
    package var countsDescriptor: Int?
    /// The user's program, if there is one: also the id of its process group.
    package var commandPid: Int?
    /// Of the holder of a network: the network.
    package var network: NetworkReady?

    package init() {}
}

/// The requested features that the kernel granted when tried.
package struct FeaturesGranted: Codable, Equatable, Sendable {
    package var sendmmsg = false
    package var recvmmsg = false
    package var segments = false
    package var coalesces = false
    package var kernelTimestamps = false
    /// Whether IP_RECVERR works on a socket that requests it.
    package var errorQueue = false

    package init() {}

    init(_ features: SocketFeatures) {
        sendmmsg = MessageCalls.current.sendmmsg == nil
        recvmmsg = MessageCalls.current.recvmmsg == nil
        segments = features.segmentBytes != nil
        coalesces = features.coalesces
        kernelTimestamps = features.timestamps
    }
}
