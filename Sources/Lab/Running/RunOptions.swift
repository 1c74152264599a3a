/// How the lab runs a plan, as the command line says it.
package struct RunOptions: Sendable {
    /// What is spawned as a worker: this program.
    package var workerProgram = WorkerSpecification.thisProgram
    /// Where every datagram event at the senders is logged; `nil` for nowhere.
    package var datagramLog: String?
    package var version = "0"

    package init() {}
}
