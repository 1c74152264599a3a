import Glibc
import Testing

@testable import Lab

/// Row L18: what a worker that ended for want of memory is called.
@Suite struct MemoryLossTests {
    private func error(_ exit: WorkerExit, _ diagnostics: [String] = []) -> WorkerError {
        WorkerError(
            worker: "sender load", awaited: "result", reason: .ended(exit),
            diagnostics: diagnostics)
    }

    @Test("L18 the kernel's count of the processes that it ended for want of memory is read")
    func l18Count() {
        #expect(ProcessFacts.oomKills(inStat: "pgfault 12\noom_kill 3\nnuma_hit 7\n") == 3)
        #expect(ProcessFacts.oomKills(inStat: "oom_kill_disable 0\n") == nil)
        #expect(ProcessFacts.oomKills(inStat: "") == nil)
    }

    @Test("L18 a SIGKILL beside an OOM kill is named with it, and any other is not")
    func l18Killed() {
        let killed = error(WorkerExit(code: nil, signal: SIGKILL, oomKills: 1)).summary
        #expect(killed.contains("SIGKILL when its host was out of memory"), "\(killed)")
        #expect(killed.contains("ended 1 process meanwhile"), "\(killed)")
        #expect(killed.contains("a lower rate, fewer flows"), "\(killed)")
        for exit in [
            WorkerExit(code: nil, signal: SIGKILL, oomKills: 0),
            WorkerExit(code: nil, signal: SIGKILL),
            WorkerExit(code: nil, signal: SIGTERM, oomKills: 1),
        ] {
            #expect(!error(exit).summary.contains("memory"), "\(error(exit).summary)")
        }
    }

    @Test("L18 a worker that gave up because of its host is this host's, with its last words")
    func l18GaveUp() {
        let gaveUp = error(
            WorkerExit(code: 75, signal: nil), ["something", "udplab: out of memory: raise it"])
        #expect(
            gaveUp.summary
                == "worker \"sender load\" could not go on on its host while the runner awaited "
                + "its result: out of memory: raise it")
        #expect(WorkerExit(code: 70, signal: nil).wasRefusedByHost == false)
    }
}
