import Datagrams
import Glibc
import Reports

/// What a trial works with: the server, one regular peer that it has known from the beginning, and
/// ways to ask. Everything here blocks, on the battery's own thread.
final class Bench {
    static let millisecondNs: Int64 = 1_000_000
    static let secondNs: Int64 = 1_000_000_000
    /// How often a wait looks whether the user has had enough, or the server has ended.
    private static let sliceNs: Int64 = 20 * millisecondNs
    /// How long an answer may take that nothing stands in the way of. Generous: the machine may
    /// be busy, and the wait ends with the answer.
    static let patienceNs: Int64 = 3 * secondNs
    static let attempts = 3
    static let straysAtMost = 4_096

    let server: ServerUnderTest
    let options: ResilienceOptions
    let target: SocketAddress
    /// Whether the server's sockets are in this host's tables.
    let isLocal: Bool
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    let text: ProbeText
    /// Sends all that needs no source of its own, from the first question on: a server that
    /// serves only the first source that it hears can still be tried for other faults.
    private(set) var regular: Peer
    /// What an author is told to change, in the words of the server's language.
    let advice: Advice
    /// Sits where the server's answers go, if that is not to those who ask.
    var ear: (any Listener)?
    /// The regular peer, and the ear where there is one.
    var listeners: [any Listener] { [regular as any Listener] + [ear].compactMap { $0 } }
    /// What came and was not the answer that was awaited.
    var strays: [Letter] = []
    var generator: SeededGenerator
    /// A trial left the server in a state that only a restart ends.
    var needsRestart = false
    /// The last look at the server found it dead or silent.
    var isDamaged = false
    /// Datagrams that are no UTF-8, each on its own, have left the server serving.
    var survivesSingles = false
    /// Plain questions have come back verbatim, all of them.
    var isEcho = false
    /// Why an answer that is missed says nothing of resets: the server misses some anyway.
    var missesAnyway: String?
    /// Nobody had the server's port before it was started.
    var portWasFree = false
    /// The server had its port when it was asked for the first time.
    var hadPort = false
    /// Battery and server are in a network in which every address is this host's.
    var isElsewhere = false
    /// Its answers go to its own address.
    var answersItself = false
    /// What to do about a full receive buffer, where it is not to ask for a larger one.
    var bufferAdviceFound: String?
    /// Why it says nothing of a trial that the answers of some sources are missed.
    var deaf: String?
    /// Why nothing can be said of where answers go: that is another trial's finding.
    var addressFault: String?
    /// The receive length of the server follows the datagrams before: each question may cut the
    /// answer to the next one.
    var shrinks = false
    /// The largest payload that came back whole; nil where it is not known.
    var wholeBytes: Int?
    /// Answers are cut to this length; nil where none is cut, or it is not known.
    var cutBytes: Int?
    /// The smallest payload that did not come back whole, where one did not.
    var failingBytes: Int?
    /// Sockets that had the server's port for as long as it was looked at, connected ones not among
    /// them.
    var settledSockets: Int?
    /// Questions since the server's last start that met an open port, in the order asked.
    var metOpenPort: [Int] = []
    /// Who asked these, and which of them ended the wait.
    var firstAsker: Peer?
    var answeredFirst: Int?
    /// Sources that were not answered, and in whose place another one asks now.
    private(set) var formerSources: [Peer] = []
    /// How long the slowest of the first answers took.
    var slowestNs: Int64 = 0
    /// How many resets in a row have left the server serving.
    var resetsSurvived = 0
    /// Why the other trials mean nothing for this server.
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
        isLocal = HostAddresses.contains(target)
        regular = try Peer(toward: target, largeBuffer: true)
        text = ProbeText(session: UInt32.random(in: 1...UInt32.max))
        generator = SeededGenerator(seed: UInt64(truncatingIfNeeded: options.seed))
        advice = Advice(language: ProgramLanguage(command: server.target.command))
    }

    deinit { room.deallocate() }

    var bufferAdvice: String { bufferAdviceFound ?? advice.socketBuffer }

    /// Whether this trial is one of the battery's.
    func tries(_ id: String) -> Bool { TrialCatalog.trials(options).contains { $0.id == id } }

    /// From now on all that needs no source of its own comes from this one.
    func ask(from peer: Peer) {
        formerSources.append(regular)
        regular = peer
    }

    static func nowNs() -> Int64 { LinuxClock().nowNs() }

    func nextNumber() -> Int {
        number += 1
        return number
    }

    /// - Throws: When the user has asked for the end.
    func checkStop() throws(BatteryStop) {
        if isStopped() { throw .interrupted }
        // What fails one socket of this process fails all of them.
        if let fault = regular.fault { throw .host(fault) }
    }

    /// Sleeps, but not through a request to stop.
    func rest(ns: Int64) throws {
        let untilNs = Self.nowNs() + ns
        while Self.nowNs() < untilNs {
            try checkStop()
            let leftNs = min(untilNs - Self.nowNs(), Self.sliceNs)
            if leftNs > 0 { usleep(UInt32(leftNs / 1_000)) }
        }
    }

    /// Waits until one of the peers has something, for a slice at most.
    func listen(to peers: [any Listener], untilNs: Int64) throws {
        try checkStop()
        let leftNs = min(untilNs - Self.nowNs(), Self.sliceNs)
        guard leftNs > 0 else { return }
        var entries = peers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        // Rounded up: a wait of less than a millisecond would be none, and a busy loop.
        let waitMs = Int32((leftNs + Self.millisecondNs - 1) / Self.millisecondNs)
        if poll(&entries, nfds_t(entries.count), waitMs) < 0, errno != EINTR {
            throw SystemFailure("cannot wait for answers", "(poll)", SystemErrno(rawValue: errno))
        }
    }

    /// Forgets what has come so far.
    func drain() {
        for peer in listeners {
            while peer.take(room) != nil {}
        }
        strays.removeAll()
    }
}

/// A small generator whose numbers depend on the seed alone (SplitMix64, Steele et al. 2014).
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
