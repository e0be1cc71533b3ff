#include "common/signals.hpp"

#include "common/error.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("signals have names and numbers") {
    CHECK(signal_name(SIGTERM) == "SIGTERM");
    CHECK(signal_name(SIGRTMIN) == "SIGRTMIN");
    CHECK(signal_name(SIGRTMIN + 2) == "SIGRTMIN+2");
    CHECK(signal_name(999) == "signal 999");
    for (const char* text : {"15", "TERM", "SIGTERM", "term", "sigterm"})
        CHECK(parse_signal(text) == SIGTERM);
    CHECK(parse_signal("SIGRTMIN+2") == SIGRTMIN + 2);
    CHECK(parse_signal("9") == SIGKILL);
}

TEST_CASE("unknown signals are refused with a suggestion") {
    for (const char* text : {"", "0", "65", "SIG", "-9", "9x", "TREM"})
        CHECK_THROWS_AS(parse_signal(text), Error);
    try {
        parse_signal("TREM");
    } catch (const Error& error) {
        CHECK(error.advice() == "did you mean SIGTERM?");
    }
}

TEST_CASE("SignalForwarder hands a signal to the child") {
    SignalForwarder signals;
    ChildProcess child = start_child(Why{"test"}, [&] {
        signals.restore_in_child();
        ::execlp("sleep", "sleep", "100", nullptr);
    });
    // Not lost although it arrives before anybody waits.
    ::kill(::getpid(), SIGTERM);
    ExitStatus status = signals.wait(child);
    CHECK(status.signal == SIGTERM);
    CHECK(status.exit_code() == 143);
    CHECK(status.text() == "killed by SIGTERM (15)");
}

TEST_CASE("SignalForwarder restores the mask") {
    sigset_t before{}, after{};
    ::sigprocmask(SIG_BLOCK, nullptr, &before);
    { SignalForwarder signals; }
    ::sigprocmask(SIG_BLOCK, nullptr, &after);
    for (int signal = 1; signal < 32; ++signal)
        CHECK(::sigismember(&before, signal) == ::sigismember(&after, signal));
}
