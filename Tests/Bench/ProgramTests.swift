import Datagrams
import Glibc
import JSON
import Testing

@testable import udplab_bench

@Suite struct ProgramTests {
    @Test func aChildGivesItsOutputAndItsCode() throws {
        let child = try Child(["sh", "-c", "echo out; echo err >&2; exit 3"])
        let ending = try child.waitForEnd(seconds: 60)
        #expect(ending.exitCode == 3)
        #expect(child.text == "out\nerr\n")
    }

    @Test func aProgramThatIsNotThereIsAnError() {
        #expect(throws: SystemFailure.self) { try Child(["udplab-there-is-no-such-program"]) }
    }

    @Test func aChildThatDoesNotEndIsStopped() throws {
        let child = try Child(["sleep", "600"])
        #expect(throws: BenchError("sleep had not ended after 0 s")) {
            try child.waitForEnd(seconds: 0)
        }
        #expect(try child.waitForEnd(seconds: 60).signal == Int(SIGTERM))
    }

    @Test func aServerThatEndsTooEarlyIsReportedWithItsLastWords() throws {
        let child = try Child(["sh", "-c", "echo address in use"])
        #expect(throws: BenchError("sh ended too early: address in use")) {
            try child.wait(seconds: 60) { false }
        }
    }

    @Test func outputIsKeptWithinItsBound() throws {
        let child = try Child(["sh", "-c", "head -c 9000000 /dev/zero"])
        _ = try child.waitForEnd(seconds: 60)
        #expect(child.output.count == Child.outputBytesMax)
    }

    @Test func aBoundPortIsFoundInTheTableOfTheKernel() {
        let table = """
               sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
              203: 0100007F:A540 00000000:0000 07 00000000:00000000 00:00000000 00000000     0
            12154: 0100007F:93EF 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0
            """
        #expect(LoopbackPort.isBound(0xa540, inTable: table))
        #expect(LoopbackPort.isBound(0x93ef, inTable: table))
        #expect(!LoopbackPort.isBound(0x1f90, inTable: table))
        #expect(!LoopbackPort.isBound(1, inTable: ""))
    }

    @Test func aPortOfThisProcessIsSeenAsBound() throws {
        let socket = try DatagramSocket(family: .ipv4)
        let any = try #require(SocketAddress(numericHost: LoopbackPort.host, port: 0))
        try socket.bind(to: any)
        let port = try socket.localAddress().port
        #expect(LoopbackPort.isBound(port, .udp))
    }

    @Test func aWorkspaceGoesWithItsFiles() throws {
        var path = ""
        do {
            let workspace = try Workspace()
            path = workspace.path
            try workspace.write("first", to: "plan.json")
            try workspace.write("2", to: "plan.json")
            #expect(KernelFile.text(workspace.file("plan.json")) == "2")
        }
        #expect(access(path, F_OK) != 0)
    }
}
