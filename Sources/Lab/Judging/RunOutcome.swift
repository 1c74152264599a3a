import Datagrams
import Loops
import Reports

/// The results of all workers of one run, from which a run report is made.
struct RunOutcome: Sendable {
    struct Member: Sendable {
        let name: String
        let ready: Ready
        let pid: Int
        let exit: WorkerExit?
        /// The host on which it ran; nil for the runner's own.
        let host: String?
        let result: WorkerResult?

        init(
            name: String, ready: Ready, result: WorkerResult?, pid: Int, exit: WorkerExit?,
            host: String? = nil
        ) {
            self.name = name
            self.ready = ready
            self.result = result
            self.pid = pid
            self.exit = exit
            self.host = host
        }
    }

    /// An instance of the responder.
    struct Responder: Sendable {
        /// The process that answered last.
        let member: Member?
        /// The counts of all processes that answered.
        let totals: ResponderResult?
        /// The processes that the timeline killed, without `member`.
        let formers: [Member]
        let record: ResponderRecord
    }

    var identity: RunIdentity
    let startedAt: UTCTime
    let startNs: Int64
    let endNs: Int64
    /// The destinations of the senders: one per instance of the responder, or one for all.
    let targets: [SocketAddress]
    /// The responders by instance; none for a path.
    let responders: [Responder]
    /// The timeline's events in the order of time.
    let events: [ConductedEvent]
    /// The senders in the scenario's order, and the orders that they were given.
    var senders: [Member]
    var orders: [SenderAssignment]
    /// The holder of the network, if it was made for the run.
    let network: Member?
    /// The relay between senders and responder.
    let relay: Member?
    let stopSignal: String?
    /// The failure that ended the run before its time, other than a signal to the runner.
    var failure: RunFailure?
    /// A sentence on the quota of this process's control group, if that stopped any thread.
    let quotaNote: String?
    /// The clocks of the other hosts.
    var clocks: [String: RunClock] = [:]
    /// The hosts that send a stream together, by stream.
    var fleets: [Int: Fleet] = [:]
}
