#include "05-build/dockerfile.hpp"
#include "05-build/stage_state.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Texts = std::vector<std::string>;

/// The state after these instructions, and what the history says of the last.
struct After {
    StageState state;
    std::string said;
    After(const Texts& instructions, ArgValues values = {},
          StageState begin = {})
        : state(std::move(begin)) {
        for (const std::string& text : instructions)
            said = change_config(state, parse_instruction({"Dockerfile", text}),
                                 values)
                       .value_or("nothing");
    }
    const RunConfig& config() const { return state.config.config; }
};

}  // namespace

TEST_CASE("one instruction sees one value of a variable") {
    After after({"ENV abc=hello", "ENV abc=bye def=$abc", "ENV ghi=$abc"});
    CHECK(after.config().env == Texts{"abc=bye", "def=hello", "ghi=bye"});
    CHECK(after.said == "ENV ghi=bye");
}

TEST_CASE("ENV beats ARG, also one of the command line") {
    ArgValues values{{{"V", "given"}}, {}};
    After after({"ENV V=env", "ARG V=default", "LABEL v=$V"}, values);
    CHECK(after.config().labels.at("v") == "env");
    CHECK(run_variables(after.state).environment == Texts{"V=env"});
    CHECK(run_variables(after.state).args.empty());
}

TEST_CASE("where ARG has its value from") {
    ArgValues values{{{"given", "1"}}, {{"global", "2"}, {"both", "3"}}};
    After after({"ARG given=x global both=4 none deflt=5"}, values);
    CHECK(after.state.args.at("given") == "1");
    CHECK(after.state.args.at("global") == "2");
    CHECK(after.state.args.at("both") == "4");
    CHECK_FALSE(after.state.args.at("none"));
    CHECK(after.state.args.at("deflt") == "5");
    CHECK(run_variables(after.state).args ==
          Texts{"both=4", "deflt=5", "given=1", "global=2"});
    CHECK_FALSE(variable(after.state, "HTTP_PROXY"));
}

TEST_CASE("an ENTRYPOINT takes the base's CMD away, not the stage's own") {
    StageState base;
    base.config.config.cmd = {"base"};
    CHECK(After({R"(ENTRYPOINT ["/e"])"}, {}, base).config().cmd.empty());
    CHECK(After({R"(CMD ["x"])", R"(ENTRYPOINT ["/e"])"}, {}, base)
              .config()
              .cmd == Texts{"x"});
    CHECK(After({R"(ENTRYPOINT ["/e"])", R"(CMD ["x"])"}, {}, base)
              .config()
              .cmd == Texts{"x"});
}

TEST_CASE("SHELL is for the shell forms that follow") {
    After after({"CMD one", R"(SHELL ["/bin/ash", "-ec"])", "ENTRYPOINT two"});
    CHECK(after.config().entrypoint == Texts{"/bin/ash", "-ec", "two"});
    CHECK(After({"CMD one"}).config().cmd == Texts{"/bin/sh", "-c", "one"});
    CHECK(After({"CMD ['one']"}).config().cmd ==
          Texts{"/bin/sh", "-c", "['one']"});
}

TEST_CASE("ports: protocols, ranges, and several in one variable") {
    After after({"ENV P=\"80 443/tcp\"", "EXPOSE $P 53/udp 8000-8002"});
    CHECK(after.config().exposed_ports ==
          std::set<std::string>{"80/tcp", "443/tcp", "53/udp", "8000/tcp",
                                "8001/tcp", "8002/tcp"});
    After odd({"EXPOSE 80/TCP 8080:81 1.2.3.4:8080:82/Udp"});
    CHECK(odd.config().exposed_ports ==
          std::set<std::string>{"80/tcp", "81/tcp", "82/udp"});
    CHECK_THROWS_AS(After({"EXPOSE 70000"}), Error);
}

TEST_CASE("VOLUME replaces variables in both of its forms") {
    CHECK(After({"ENV D=/data", R"(VOLUME ["$D", "/a$D"])"}).config().volumes ==
          std::set<std::string>{"/data", "/a/data"});
}

TEST_CASE("users, volumes, signals, health, triggers, authors") {
    After after({"ENV U=me", "USER $U:users", "VOLUME /a $U", "STOPSIGNAL term",
                 "HEALTHCHECK --interval=1m30s --retries=2 CMD true",
                 "ONBUILD RUN x", "MAINTAINER me"});
    CHECK(after.config().user == "me:users");
    CHECK(after.config().volumes == std::set<std::string>{"/a", "me"});
    CHECK(after.config().stop_signal == "term");
    const Healthcheck& health = *after.config().healthcheck;
    CHECK(health.test == Texts{"CMD-SHELL", "true"});
    CHECK(health.interval == 90'000'000'000U);
    CHECK(health.retries == 2);
    CHECK(after.config().on_build == Texts{"RUN x"});
    CHECK(after.state.config.author == "me");
    CHECK(After({"HEALTHCHECK NONE"}).config().healthcheck->test ==
          Texts{"NONE"});
    CHECK_THROWS_AS(After({"ENV S=SIGNONE", "STOPSIGNAL $S"}), Error);
    CHECK_THROWS_AS(After({"USER $nothing"}), Error);
}

TEST_CASE("history is as old as the youngest layer") {
    StageState state;
    add_history(state, "ENV a=b", true);
    add_history(state, "RUN x", false, "2024-01-02T00:00:00Z");
    add_history(state, "COPY", false, "2023-01-01T00:00:00Z");
    add_history(state, "CMD", true);
    CHECK(state.config.history[0].created.empty());
    CHECK(state.config.history[2].created == "2024-01-02T00:00:00Z");
    CHECK(state.config.history[3].created == "2024-01-02T00:00:00Z");
    CHECK(state.config.history[3].empty_layer);
}
