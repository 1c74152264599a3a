import Datagrams
import Glibc
import Loops
import Metrics
import Plans

/// A place where workers run: this host, or another one that an agent serves. All times are of this
/// host's monotonic clock.
package protocol WorkerPlace: Sendable {
    /// The loss of the place; nil while it can be reached.
    var loss: HostLoss? { get }
    /// Returns the reason why no process can be supervised now; `nil` if one can.
    func refusal() -> String?
    /// Starts a process, passes it to `attend`, and reaps it when `attend` returns.
    ///
    /// Must not be called by a task that can be cancelled.
    /// - Parameter attend: Returns when the process has exited.
    /// - Throws: If the process could not be started, or its host was lost.
    func run<Value: Sendable>(
        _ specification: WorkerSpecification, _ attend: (any ChildProcess) async -> Value
    ) async throws -> (end: ChildEnd, value: Value)
    /// Sends a signal to a process group.
    /// - Returns: The time just before it was sent.
    @discardableResult
    func signal(_ number: Int32, group: pid_t) async -> Int64

    /// Returns the load of the sockets that are bound to an address; `nil` if unknown.
    /// - Parameter pid: A process in the network namespace concerned; nil for the place's own.
    func load(on address: SocketAddress, of pid: Int?) async -> PortUse.Load?
    /// Returns what the place's own synchronization states about its clocks; nil if nothing is
    /// known.
    func clockStatement() async -> ClockStatement?
    /// Returns what is known of the processes of a group.
    func facts(ofGroup group: pid_t) async -> GroupFacts
    /// Returns the counts that a process shares under a descriptor; `nil` if this process may not
    /// read them.
    func sharedCounts(of pid: Int, descriptor: Int) async -> (any KilledCountsSource)?
    /// Returns the address of a responder; a port 0 is replaced by a free one if `pickingPort`.
    func place(
        of address: TargetAddress, pickingPort: Bool
    ) async throws(StartError) -> SocketAddress
    /// Checks that a program could bind an address now.
    func tryBinding(_ address: TargetAddress) async throws(StartError)
}

/// The host as the control plane sees it: its clock, its tasks, its processes, and the kernel's
/// knowledge about their sockets. ``LinuxHost`` is the real one. On a simulated one, a run with all
/// its workers is deterministic and takes no time.
package protocol ControlHost: WorkerPlace {
    /// Returns the monotonic time in nanoseconds, which runner and workers share.
    func nowNs() -> Int64
    /// Waits for `duration`.
    /// - Throws: `CancellationError` if the calling task is cancelled before or meanwhile.
    func sleep(for duration: Duration) async throws
    /// Starts a task that is not cancelled with the calling one.
    func task(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never>
    /// The control group of this process.
    var controlGroup: ControlGroup { get }
}

extension ControlHost {
    package var loss: HostLoss? { nil }
}

/// The counts of a responder that outlive it.
package protocol KilledCountsSource: Sendable {
    /// Returns the sums over all lanes, and of each stream over its flows; `nil` if unreadable.
    /// - Parameter streams: The number of flows of each stream.
    func sums(streams: [Int], lanes: Int) async -> KilledCounts?
}

extension SharedCountsFile: KilledCountsSource {}
