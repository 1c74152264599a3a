import Datagrams
import Glibc
import Reports

/// The environment of a trial: the server, one regular peer since the beginning, and functions to
/// ask. All of them block, on the battery's own thread.
final class Bench {
    static let millisecondNs: Int64 = 1_000_000
    static let secondNs: Int64 = 1_000_000_000
    /// The interval at which a wait checks for an interruption, or for the server's exit.
    private static let sliceNs: Int64 = 20 * millisecondNs
    /// The time limit for an answer without obstacles. It is generous: the machine may be busy, and
    /// the wait ends with the answer.
    static let patienceNs: Int64 = 3 * secondNs
    static let attempts = 3
    static let straysAtMost = 4_096

    let server: ServerUnderTest
    let options: ResilienceOptions
    let target: SocketAddress
    /// Whether the server is on this host.
    let isLocal: Bool
    /// Whether the tables of the server's host, which list its sockets, can be read.
    let isSeen: Bool
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    let text: ProbeText
    /// The source of all datagrams that need no source of their own, from the first question on: a
    /// server that serves only the first source can still be tried for other faults.
    private(set) var regular: Peer
    /// The advice for the author, in the terms of the server's language.
    let advice: Advice
    /// The sniffer at the address of the server's answers, if that is not the asker's.
    var ear: (any Listener)?
    /// The regular peer, and the sniffer if there is one.
    var listeners: [any Listener] { [regular as any Listener] + [ear].compactMap { $0 } }
    /// The datagrams received other than the awaited answer.
    var strays: [Letter] = []
    var generator: SeededGenerator
    /// Whether a trial left the server in a state that only a restart ends.
    var needsRestart = false
    /// Whether the last check found the server dead or silent.
    var isDamaged = false
    /// Whether the server survived datagrams that are not UTF-8, one at a time.
    var survivesSingles = false
    /// Whether all plain questions have been returned verbatim.
    var isEcho = false
    /// The reason why a missing answer is not a sign of resets: the server misses some anyway.
    var missesAnyway: String?
    /// Whether the server's port was free before its start.
    var portWasFree = false
    /// Whether the server had its port when it was asked for the first time.
    var hadPort = false
    /// Whether battery and server are in a network in which every address is this host's.
    var isElsewhere = false
    /// Whether the server's answers go to its own address.
    var answersItself = false
    /// The advice about a full receive buffer, if it is not to request a larger one.
    var bufferAdviceFound: String?
    /// The reason why missing answers to some sources do not count in a trial.
    var deaf: String?
    /// The reason why the destination of answers cannot be judged: another trial reports it.
    var addressFault: String?
    /// Whether the receive length of the server depends on earlier datagrams: each question may
    /// shorten the answer to the next one.
    var shrinks = false
    /// The largest payload that was returned whole; nil if unknown.
    var wholeBytes: Int?
    /// The length to which answers are cut; nil if none is cut, or it is unknown.
    var cutBytes: Int?
    /// The smallest payload that was not returned whole, if there is one.
    var failingBytes: Int?
    /// The number of unconnected sockets that had the server's port throughout the checks.
    var settledSockets: Int?
    /// The questions since the server's last start that met an open port, in the order asked.
    var metOpenPort: [Int] = []
    /// The source of these questions, and the question whose answer ended the wait.
    var firstAsker: Peer?
    var answeredFirst: Int?
    /// The sources that were not answered and were replaced.
    private(set) var formerSources: [Peer] = []
    /// The time of the slowest of the first answers.
    var slowestNs: Int64 = 0
    /// The number of consecutive resets that the server survived.
    var resetsSurvived = 0
    /// The reason why the other trials do not apply to this server.
    var noEcho: String?
    private let isStopped: @Sendable () -> Bool
    var number = 0

    init(
        _ server: ServerUnderTest, options: ResilienceOptions,
        isStopped: @escaping @Sendable () -> Bool
    ) throws {
        self.server = server
        self.options = options
        self.isStopped = isStopped
        target = server.target.address
        isLocal = !server.isFar && HostAddresses.contains(target)
        isSeen = isLocal || server.isFar
        regular = try Peer(toward: target, at: server.target.far?.source, largeBuffer: true)
        text = ProbeText(
            session: UInt32.random(in: 1...UInt32.max),
            request: options.request.map(AskedRequest.init))
        generator = SeededGenerator(seed: UInt64(truncatingIfNeeded: options.seed))
        advice = Advice(language: ProgramLanguage(command: server.target.command))
    }

    deinit { room.deallocate() }

    var bufferAdvice: String { bufferAdviceFound ?? advice.socketBuffer }

    /// Whether this trial is one of the battery's.
    func tries(_ id: String) -> Bool { TrialCatalog.trials(options).contains { $0.id == id } }

    /// Opens another source.
    /// - Parameter place: The address to bind; by default a free port that reaches the server.
    func peer(
        at place: SocketAddress? = nil, largeBuffer: Bool = false
    ) throws(SystemFailure) -> Peer {
        try Peer(
            toward: target, at: place ?? server.target.far?.source, largeBuffer: largeBuffer)
    }

    /// Replaces the source of all datagrams that need no source of their own.
    func ask(from peer: Peer) {
        formerSources.append(regular)
        regular = peer
    }

    static func nowNs() -> Int64 { LinuxClock().nowNs() }

    func nextNumber() -> Int {
        number += 1
        return number
    }

    /// Checks for an interruption.
    /// - Throws: If the user has interrupted the battery, or this host fails its calls.
    func checkStop() throws(BatteryStop) {
        if isStopped() { throw .interrupted }
        if let loss = server.loss { throw .lost(loss) }
        // A fault of one socket of this process affects all of them.
        if let fault = regular.fault { throw .host(fault) }
    }

    /// Sleeps, but not past an interruption.
    func rest(ns: Int64) throws {
        let untilNs = Self.nowNs() + ns
        while Self.nowNs() < untilNs {
            try checkStop()
            let leftNs = min(untilNs - Self.nowNs(), Self.sliceNs)
            if leftNs > 0 { usleep(UInt32(leftNs / 1_000)) }
        }
    }

    /// Waits until one of the peers is readable, at most for a time slice.
    func listen(to peers: [any Listener], untilNs: Int64) throws {
        try checkStop()
        let leftNs = min(untilNs - Self.nowNs(), Self.sliceNs)
        guard leftNs > 0 else { return }
        var entries = peers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        // Rounded up: a wait below a millisecond would be a busy loop.
        let waitMs = Int32((leftNs + Self.millisecondNs - 1) / Self.millisecondNs)
        if poll(&entries, nfds_t(entries.count), waitMs) < 0, errno != EINTR {
            throw SystemFailure("cannot wait for answers", "(poll)", SystemErrno(rawValue: errno))
        }
    }

    /// Discards the datagrams received so far.
    func drain() {
        for peer in listeners {
            while peer.take(room) != nil {}
        }
        strays.removeAll()
    }
}

/// A small generator whose numbers depend only on the seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
