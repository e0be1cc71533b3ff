// A stage, instruction by instruction.
#include <chrono>

#include "04-images/layer_writer.hpp"
#include "05-build/build_session.hpp"
#include "05-build/builder.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         begin)
        .count();
}

//@ begin carry-out
void carry_out(StageWork& work, const Instruction& instruction) {
    if (auto said = change_config(work.state, instruction, work.session.args)) {
        add_history(work.state, *said, true);
        return;
    }
    if (auto run = std::get_if<Run>(&instruction.body))
        run_step(work, instruction, *run);
    else if (auto copy = std::get_if<Copy>(&instruction.body))
        copy_step(work, instruction, *copy);
    else if (auto workdir = std::get_if<Workdir>(&instruction.body))
        workdir_step(work, instruction, *workdir);
}
//@ end carry-out

// The state before the instruction, as an image under its ID.
std::string kept_state(const StageWork& work) {
    ImageConfig config = work.state.config;
    config.diff_ids = diff_ids_of(work.state.layers);
    NamedImage image =
        put_new_image(work.session.lease, "", config, work.state.layers);
    set_images(work.session.lease, {image});
    return image.name;
}

// An error of an instruction shows the instruction, unless it does already.
void one_instruction(StageWork& work, const Source& source,
                     const Instruction& instruction) {
    using Kind = BuildEvent::Kind;
    if (work.session.is_cancelled())
        throw Error(ErrorKind::Cancelled, "the build was given up");
    auto begin = std::chrono::steady_clock::now();
    work.tell(Kind::Started, instruction.text);
    try {
        carry_out(work, instruction);
        work.tell(Kind::Done, {}, since(begin));
    } catch (const Error& error) {
        work.tell(Kind::Failed, error.message(), since(begin));
        if (error.kind() == ErrorKind::Cancelled) throw;
        Error shown = input_error(source, instruction.where, error.message());
        Error full(error.kind(), shown.message());
        full.set_advice(error.advice());
        full = std::move(full).exit_with(error.exit_code());
        if (!work.session.plan.keep_failed) throw full;
        throw FailedStep(full, kept_state(work));
    }
}

// What the base asked for: ONBUILD's instructions, as if they stood here.
void run_triggers(StageWork& work) {
    std::vector<std::string> triggers;
    triggers.swap(work.state.config.config.on_build);
    for (const std::string& text : triggers) {
        Source source{cat("ONBUILD of the base image of stage ", work.name),
                      text};
        one_instruction(work, source, parse_instruction(source));
    }
}

void write_record(StageWork& work) {
    if (!work.any_missed) return;
    write_stage_record(
        stage_record_file(work.session.store, work.session.identity, work.name),
        work.records);
}

}  // namespace

void StageWork::tell(BuildEvent::Kind kind, std::string text,
                     double seconds) const {
    BuildEvent event;
    event.kind = kind;
    event.step = first_step + number;
    event.stage = name;
    event.number = number;
    event.of_stage = stage.instructions.size() + 1;
    event.text = std::move(text);
    event.seconds = seconds;
    session.plan.progress(event);
}

namespace {

void read_records(StageWork& work) {
    if (work.any_missed) return;
    work.any_missed = true;
    work.before = read_stage_record(stage_record_file(
        work.session.store, work.session.identity, work.name));
}

}  // namespace

//@ begin find-step-of-stage
std::optional<CachedStep> find_step(
    StageWork& work, const std::string& text, const StepKey& key,
    const std::function<std::vector<StepInput>()>& details) {
    BuildSession& session = work.session;
    Digest digest = key.digest();
    StepRecord record{text, std::string(digest.hex())};
    std::optional<CachedStep> found;
    if (!work.no_cache) found = session.cache.find(digest);
    if (!found) {
        read_records(work);
        StepKey told = details ? StepKey{details()} : key;
        if (session.plan.explain_cache)
            work.tell(BuildEvent::Kind::Missed,
                      work.no_cache
                          ? "--no-cache was given"
                          : why_not_cached(session.store, work.before,
                                           work.records.size(), record, told));
        write_details(session.store, record.key, told);
    }
    {
        std::lock_guard guard(session.mutex);
        session.cache_keys.push_back(record.key);
    }
    work.records.push_back(std::move(record));
    return found;
}
//@ end find-step-of-stage

//@ begin build-stage
StageState build_stage(BuildSession& session, std::size_t index,
                       std::size_t first_step) {
    const Stage& stage = session.dockerfile.stages[index];
    StageWork work{session, stage, index,     stage.source().stage_name, {}, {},
                   {},      false, first_step};
    if (work.name.empty()) work.name = cat("stage-", index);
    work.no_cache = session.plan.no_cache ||
                    session.plan.no_cache_stages.contains(work.name);
    work.number = 1;
    auto begin = std::chrono::steady_clock::now();
    work.tell(BuildEvent::Kind::Started, stage.from.text);
    work.state = base_state(session, index);
    work.state.escape = session.dockerfile.directives.escape;
    work.tell(BuildEvent::Kind::Done, {}, since(begin));
    try {
        run_triggers(work);
        for (const Instruction& instruction : stage.instructions) {
            ++work.number;
            one_instruction(work, session.dockerfile.source, instruction);
        }
    } catch (...) {
        write_record(work);
        throw;
    }
    write_record(work);
    return work.state;
}
//@ end build-stage

}  // namespace slipway
