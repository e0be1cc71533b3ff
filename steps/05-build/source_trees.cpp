#include "05-build/source_trees.hpp"

#include "05-build/root_view.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

FromTree tree_of_layers(const BuildSession& session,
                        std::vector<ImageLayer> layers, std::string name) {
    FromTree from;
    from.tree = std::make_shared<SourceTree>();
    from.tree->root = open_root(session.store, layers);
    from.tree->keeps_owner = true;
    from.tree->name = std::move(name);
    from.layers = std::move(layers);
    from.has_layers = true;
    return from;
}

FromTree tree_of_image(StageWork& work, const std::string& name) {
    StageState state =
        image_state(work.session, name, work.session.plan.platform);
    return tree_of_layers(work.session, state.layers, "image " + name);
}

// --build-context NAME=FOLDER or NAME=docker-image://IMAGE
FromTree tree_of_context(StageWork& work, const std::string& name) {
    const BuildPlan& plan = work.session.plan;
    if (auto image = image_of_context(plan, name))
        return tree_of_image(work, *image);
    FromTree from;
    from.tree =
        std::make_shared<SourceTree>(open_source_tree(plan.contexts.at(name)));
    from.tree->name = "context " + name;
    return from;
}

std::vector<std::string> stage_names(const Dockerfile& dockerfile) {
    std::vector<std::string> names;
    for (const Stage& stage : dockerfile.stages)
        if (!stage.source().stage_name.empty())
            names.push_back(stage.source().stage_name);
    return names;
}

}  // namespace

FromTree open_from(StageWork& work, const std::string& from) {
    BuildSession& session = work.session;
    if (from.empty()) {
        FromTree context;  // borrowed: the session outlives it
        context.tree = std::shared_ptr<SourceTree>(std::shared_ptr<void>(),
                                                   &session.context.tree);
        return context;
    }
    StageSource source = find_source(session.graph_input, work.index, from, {});
    using Kind = StageSource::Kind;
    switch (source.kind) {
        case Kind::Scratch:
            return tree_of_layers(session, {}, "scratch");
        case Kind::Stage:
            return tree_of_layers(
                session, session.stage_state(work.index, source.stage).layers,
                "stage " + stage_title(session.dockerfile, source.stage));
        case Kind::Context:
            return tree_of_context(work, source.name);
        case Kind::Image:
            break;
    }
    try {
        return tree_of_image(work, source.name);
    } catch (Error& error) {
        // An image of that name is what nobody has meant, mostly.
        std::string meant = nearest(from, stage_names(session.dockerfile));
        if (!meant.empty())
            error.set_advice(cat("did you mean the stage ", meant, "?"));
        throw;
    }
}

}  // namespace slipway
