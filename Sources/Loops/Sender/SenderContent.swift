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
    /// Whether the other side numbers its answers.
    static var areNumbered: Bool { get }
    /// Whether the other side is asked for its counters.
    var asksCounters: Bool { get }
    /// Writes what all datagrams have in common.
    func prepare(_ template: UnsafeMutableRawPointer, bytes: Int)
    /// Returns the content of the answers: what is sent, unless they have a size of their own.
    func answers(ofBytes bytes: Int?) -> Self
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
    /// Does what follows the drain.
    static func finish<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, _ kernel: inout Kernel)

    /// Runs a loop on the kernel. Each content has a function of its own for that, because the
    /// optimiser of Swift 6.3 specialises a loop only where its types are known: not in a method of
    /// the generic class that calls this.
    static func run(
        _ loop: inout SenderLoop<LinuxKernel, LinuxClock, Self>, _ kernel: inout LinuxKernel)
    /// Completes the result of all threads.
    static func complete(
        _ result: inout SenderResult, of lanes: [SenderLane<Self>], _ assignment: SenderAssignment)
}

/// The content of most senders: probes of one size, of which nothing but their answers is known.
extension SenderContent {
    package static var areNumbered: Bool { false }

    package var asksCounters: Bool { false }

    package func answers(ofBytes bytes: Int?) -> Self { self }

    /// One byte more than a probe, to detect longer answers.
    package func receiveBytes(payloadBytes: Int) -> Int { payloadBytes + 1 }

    package func begin(afterWarmUp sent: [Int]) {}

    package func answers(_ accounts: SendAccounts) -> AnswerFacts? { nil }

    package func deallocate() {}

    package static func finish<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, _ kernel: inout Kernel
    ) {}

    package static func complete(
        _ result: inout SenderResult, of lanes: [SenderLane<Self>], _ assignment: SenderAssignment
    ) {}
}

extension ProbeLayout: SenderContent {
    package static var areProbes: Bool { true }

    package func prepare(_ template: UnsafeMutableRawPointer, bytes: Int) { prepare(template) }

    package func answers(ofBytes bytes: Int?) -> ProbeLayout {
        bytes.map { answers(ofBytes: $0) } ?? self
    }

    package func answers(_ accounts: SendAccounts) -> AnswerFacts? {
        sizes.map { _ in
            AnswerFacts(
                requestBytes: accounts.requestBytes, answerBytes: accounts.answerBytes,
                wrongAnswer: nil)
        }
    }

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

    package static func run(
        _ loop: inout SenderLoop<LinuxKernel, LinuxClock, Self>, _ kernel: inout LinuxKernel
    ) {
        loop.run(&kernel)
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

    package static func run(
        _ loop: inout SenderLoop<LinuxKernel, LinuxClock, Self>, _ kernel: inout LinuxKernel
    ) {
        loop.run(&kernel)
    }
}

extension StampContent: SenderContent {
    package static var areProbes: Bool { true }
    package static var areNumbered: Bool { true }

    package var asksCounters: Bool { packet.asksCounters }

    @inline(__always)
    package static func write<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, flow: Int, count: Int, stampNs: Int64
    ) {
        loop.writeStamps(flow: flow, count: count, stampNs: stampNs)
    }

    @inline(__always)
    package static func took<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, message: Int, flow: Int, atNs: Int64,
        nowNs: Int64
    ) {
        loop.tookStamp(message: message, flow: flow, atNs: atNs, nowNs: nowNs)
    }

    package static func finish<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>(
        _ loop: inout SenderLoop<Kernel, Clock, Self>, _ kernel: inout Kernel
    ) {
        loop.askAtEnd(&kernel)
    }

    package static func run(
        _ loop: inout SenderLoop<LinuxKernel, LinuxClock, Self>, _ kernel: inout LinuxKernel
    ) {
        loop.run(&kernel)
    }

    package static func complete(
        _ result: inout SenderResult, of lanes: [SenderLane<Self>], _ assignment: SenderAssignment
    ) {
        guard let order = assignment.stamp else { return }
        result.stamp = StampResult(order, lanes)
    }
}
