import Datagrams
import Load
import Metrics

/// The content of a sender's datagrams: probes, or the requests of a service.
///
/// The sender loop is generic over it, so that each kind has code of its own at no cost for the
/// other.
package protocol SenderContent: SendableMetatype {
    /// Whether the datagrams are probes, all of one length.
    static var areProbes: Bool { get }
    /// Writes what all datagrams have in common.
    func prepare(_ template: UnsafeMutableRawPointer, bytes: Int)
    /// Returns the size of a slot for arriving datagrams.
    func receiveBytes(payloadBytes: Int) -> Int
    /// Prepares for the measurement, before which each flow has sent this many.
    func begin(afterWarmUp sent: [Int])
    /// Returns the bytes of requests and answers; nil for probes.
    func answers(_ accounts: SendAccounts) -> AnswerFacts?
    /// Frees the memory of the content.
    func deallocate()

    /// Fills the first `count` slots with the next datagrams of `flow`.
    /// - Parameter stampNs: The send time of the first; the others follow one nanosecond apart.
    static func write<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, flow: Int, count: Int, stampNs: Int64)
    /// Handles a message of a receive call that came from the flow's peer.
    static func took<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, message: Int, flow: Int, atNs: Int64,
        nowNs: Int64)
}

extension ProbeLayout: SenderContent {
    package static var areProbes: Bool { true }

    package func prepare(_ template: UnsafeMutableRawPointer, bytes: Int) { prepare(template) }

    /// One byte more than a probe, to detect longer answers.
    package func receiveBytes(payloadBytes: Int) -> Int { payloadBytes + 1 }

    package func begin(afterWarmUp sent: [Int]) {}

    package func answers(_ accounts: SendAccounts) -> AnswerFacts? { nil }

    package func deallocate() {}

    @inline(__always)
    package static func write<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, flow: Int, count: Int, stampNs: Int64
    ) {
        loop.writeProbes(flow: flow, count: count, stampNs: stampNs)
    }

    @inline(__always)
    package static func took<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, message: Int, flow: Int, atNs: Int64,
        nowNs: Int64
    ) {
        loop.tookProbes(message: message, flow: flow, atNs: atNs, nowNs: nowNs)
    }
}

extension RequestContent: SenderContent {
    package static var areProbes: Bool { false }

    package func prepare(_ template: UnsafeMutableRawPointer, bytes: Int) {
        template.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    package func answers(_ accounts: SendAccounts) -> AnswerFacts? {
        AnswerFacts(
            requestBytes: accounts.requestBytes, answerBytes: accounts.answerBytes,
            wrongAnswer: wrongAnswer.map(Hexadecimal.text))
    }

    /// The size of a receive slot: an answer may be of any size.
    package func receiveBytes(payloadBytes: Int) -> Int { 1 << 16 }

    @inline(__always)
    package static func write<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, flow: Int, count: Int, stampNs: Int64
    ) {
        loop.writeRequests(flow: flow, count: count, stampNs: stampNs)
    }

    @inline(__always)
    package static func took<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, message: Int, flow: Int, atNs: Int64,
        nowNs: Int64
    ) {
        loop.tookAnswer(message: message, flow: flow, atNs: atNs, nowNs: nowNs)
    }
}
