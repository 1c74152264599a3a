import ArgumentParser
import Datagrams
import Glibc
import Impairment
import JSON
import Lab
import Loops
import Plans
import Reports

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Relay between a program and a UDP server, with the impairments of a network.",
        discussion: """
            Examples:
              udplab relay --listen 127.0.0.1:7000 --to 127.0.0.1:7788 --loss 1% --delay 20ms
              udplab relay --to 127.0.0.1:53 --forward-loss list:datagrams=0 --json
              udplab relay --to 127.0.0.1:7788 --file wifi.json --log decisions.csv

            Point the program at the address of --listen: the relay forwards its datagrams to the \
            target, from a port of its own for each client, and returns the answers. The same \
            seed gives the n-th datagram of a flow the same fate in every run.

            A file has the keys of an emulated network of a plan and may have "seed"; flags \
            override it. SIGHUP reads it again. Ctrl-C ends the relay and prints its summary.
            """)

    /// The interval of this thread's checks.
    private static let lookEveryUs: UInt32 = 20_000
    private static let liveEveryNs: Int64 = 250_000_000

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    @Option(help: ArgumentHelp("The server to relay to.", valueName: "host:port"))
    var to: String

    @Flag(help: "The owner of a target outside this host has agreed to it.")
    var consent = false

    @Flag(help: "The target may be a relay of udplab: datagrams pass both.")
    var chain = false

    @Option(help: "The seed of every random choice; by default the file's, or 1.")
    var seed: Int?

    @Option(
        help: ArgumentHelp("The impairments, as JSON.", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Write a row per datagram to this file.",
            discussion: "Columns time_ns,direction,flow,n,bytes,decision,delay_ns.",
            valueName: "file"), completion: .file())
    var log: String?

    @Flag(help: "Replace the log's file if it exists.")
    var force = false

    @Option(help: "End after this time, such as 30s.")
    var duration: String?

    @Option(help: "The memory for held datagrams; beyond it datagrams are dropped and counted.")
    var memory = "64MiB"

    @Option(help: "The maximum number of clients; one more evicts the one idle for longest.")
    var clients = RelayAssignment.flowsLimitDefault

    @Flag(help: "Measure the relay's own delay from the kernel's receive time. Costs some speed.")
    var timestamps = false

    @Flag(help: "Print the summary as JSON on standard output, and nothing else there.")
    var json = false

    @Flag(name: .shortAndLong, help: "No counters while it runs and no summary; only errors.")
    var quiet = false

    @OptionGroup(title: "Both ways")
    var both: ImpairmentOptions<BothWays>

    @OptionGroup(title: "To the target only, in place of both")
    var forward: ImpairmentOptions<ForwardWay>

    @OptionGroup(title: "Back only, in place of both")
    var backward: ImpairmentOptions<BackwardWay>

    private var flags: [ImpairmentFlag] { both.flags + forward.flags + backward.flags }

    func validate() throws {
        guard (1...1 << 16).contains(clients) else {
            throw ValidationError("--clients is 1 to 65536")
        }
        if let seed, seed < 0 { throw ValidationError("--seed is 0 or more") }
        guard let address = SocketAddress(numeric: listen), !address.isMulticast,
            !address.isLimitedBroadcast
        else {
            throw ValidationError(
                "--listen takes an address of this host such as 127.0.0.1:7000, not \"\(listen)\"")
        }
        if address.lacksZone { throw ValidationError(TargetAddress.zoneFault(address.host)) }
        do {
            _ = try RelayText.target(to)
            _ = try RelayText.memory(memory)
            if let duration { _ = try RelayText.duration(duration) }
        } catch {
            throw ValidationError(error.message)
        }
        do {
            _ = try ImpairmentText.read(flags)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        do {
            try relay()
        } catch {
            let (sentence, status) = Self.account(of: error)
            Console.say(sentence)
            if json { Console.result(RefusalObject.text(error, status)) }
            throw ExitCode(status.rawValue)
        }
    }

    private static func account(of error: any Error) -> (sentence: String, status: ExitStatus) {
        switch error {
        // A file's errors are printed without a prefix, as those of a compiler.
        case is PlanError: ("\(error)", .planError)
        case let error as WorkerFailure:
            ("udplab: \(error.reason)", error.kind == .own ? .internalFault : .inconclusive)
        case let error as ReportFileError: ("udplab: \(error)", error.exitStatus)
        case is StartError, is SystemFailure: ("udplab: \(error)", .inconclusive)
        default: ("udplab: \(error)", .internalFault)
        }
    }

    /// The longest wait for the relay's first look at its windows.
    private static let firstLookNs: Int64 = 5_000_000_000

    /// Sets the relay up, runs it and prints its summary.
    private func relay() throws {
        let loaded = try load()
        let target = try RunTarget.resolve(
            try RelayText.target(to), consent: consent, subject: "--to", way: "--consent")
        let assignment = try assignment(target, over: loaded)
        let reread = RaisedFlag()
        let isReread = file != nil
        let hangUp: @Sendable () -> Void = { reread.raise() }
        let interruption = Interruption(onHangUp: isReread ? hangUp : nil)
        try interruption.install()
        try beginLog(loaded)
        let control = RelayControl()
        let job = try RelayJob(assignment, control: control)
        try refuseLoop(job.address, target)
        let warnings = ImpairmentNotes.sentences(
            Impairments(forward: assignment.forward, backward: assignment.backward))
        if !quiet {
            for warning in warnings { Console.say("udplab: \(warning)") }
        }
        let startNs = LinuxClock().nowNs()
        let hasEnded = RaisedFlag()
        control.settle()
        let threads = try job.start(startNs: startNs) { hasEnded.raise() }
        // The port is named when the windows that begin at once are in effect.
        control.waitUntilSettled(limitNs: Self.firstLookNs) { LinuxClock().nowNs() }
        if !quiet { Console.say("relaying \(job.address) to \(target); Ctrl-C ends it") }
        watch(control, interruption, reread, hasEnded, startNs: startNs)
        control.loop.stop(drainNs: 0)
        for thread in threads { thread.join() }
        let result = try job.result()
        let summary = RelaySummary(
            version: UDPLab.version, listen: job.address.description, target: target.description,
            seed: assignment.seed, warnings: warnings + ImpairmentNotes.measured(result),
            result: result)
        if !quiet { Console.say(summary.text) }
        if json { Console.result(try JSONCoding.encode(summary).text(.pretty) + "\n") }
    }

    private func beginLog(_ loaded: RelayFile?) throws(ReportFileError) {
        guard let log else { return }
        var paths = NamedPaths()
        if let file { paths.read(file, "the file \(file.shown)") }
        for path in (loaded?.filesRead ?? []) + ImpairmentText.filesRead(flags) {
            paths.read(path, "the file of delays \(path.shown)")
        }
        try paths.write(log, .decisionLog)
        try LogFile.begin(log, header: RelayLog.header, kind: .decisionLog, force: force)
    }

    private func load() throws(PlanError) -> RelayFile? {
        guard let file else { return nil }
        return try RelayFile.load(file)
    }

    private func assignment(
        _ target: SocketAddress, over file: RelayFile?
    ) throws -> RelayAssignment {
        let impairments = try ImpairmentText.read(flags, over: file)
        return RelayAssignment(
            listen: listen, targets: [target.description], forward: impairments.forward,
            backward: impairments.backward, seed: seed ?? file?.seed ?? 1,
            memoryBytes: try RelayText.memory(memory), flowsLimit: clients,
            kernelTimestamps: timestamps, logPath: log)
    }

    /// Refuses a target that is the relay itself. Datagrams to its own port would loop, and so may
    /// those to another relay, until their hop limit ends.
    private func refuseLoop(
        _ own: SocketAddress, _ target: SocketAddress
    ) throws(StartError) {
        guard HostAddresses.contains(target) else { return }
        if own.port == target.port, own == target || own.isUnspecified {
            throw StartError(
                "--to \(target) is where this relay listens itself: name another port")
        }
        guard !chain, RelayNotice.exists(at: target) else { return }
        throw StartError(
            "--to \(target) is a relay of udplab itself, and relays that send to each other "
                + "hand datagrams round: name the server behind it, or say --chain when it is meant"
        )
    }

    /// Waits for the end. Nothing else runs on this thread, so it may sleep.
    private func watch(
        _ control: RelayControl, _ interruption: Interruption, _ reread: RaisedFlag,
        _ hasEnded: RaisedFlag, startNs: Int64
    ) {
        let lengthNs = duration.flatMap { try? RelayText.duration($0) }
        let status = StatusLine(isTerminal: Console.errorIsTerminal, width: Console.width)
        status.begin()
        var nextLiveNs = startNs
        while !interruption.isRequested, !hasEnded.take() {
            let now = LinuxClock().nowNs()
            if let lengthNs, now - startNs >= Int64(lengthNs) { break }
            if reread.take() {
                status.clear()
                read(again: control)
            }
            if !quiet, now >= nextLiveNs {
                nextLiveNs = now + Self.liveEveryNs
                status.show(RelaySummary.live(control.latest(), afterNs: now - startNs))
            }
            usleep(Self.lookEveryUs)
        }
        status.clear()
    }

    /// Reads the file again. An invalid file changes nothing.
    private func read(again control: RelayControl) {
        guard let file else { return }
        do {
            let impairments = try ImpairmentText.read(flags, over: try RelayFile.load(file))
            control.replace(forward: impairments.forward, backward: impairments.backward)
            Console.say("read \(file.shown) again; the seed stays")
        } catch {
            Console.say("\(error)")
            Console.say("\(file.shown) is wrong: what was in force before stays")
        }
    }
}
