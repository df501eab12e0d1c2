#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
/// Adds the seed.
#[must_use]
pub fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.test += state.env.seed;
    state
}
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Sample as ::athena_rt::__private::Structure>::declared;
            0
        };
        __CHECK
    };
    type __Message<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl ::athena_rt::__private::Function for __Model {
        type Input = __Message<Sample>;
        type Environment = Settings;
        type Output = __Message<Sample>;
        fn call(
            state: ::athena_rt::__private::State<__Message<Sample>, Settings>,
            emit: &mut ::athena_rt::__private::Emit<'_, __Message<Sample>>,
        ) {
            emit.state(compute(state));
        }
    }
    ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_function:: < __Model >
        (::athena_rt::__private::Source { function : "compute", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned : ::core::option::Option::None, file :
        ::core::file!(), line : ::core::line!(), docs : "Adds the seed.", many : false,
        error : ::core::option::Option::None, })
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
fn price(
    State { data, env }: athena_rt::State<Order>,
) -> Result<State<Price>, PriceError> {
    todo!()
}
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Order as ::athena_rt::__private::Structure>::declared;
            0
        };
        __CHECK
    }
        | {
            const __CHECK: ::core::primitive::usize = {
                let _: fn() = <Price as ::athena_rt::__private::Structure>::declared;
                0
            };
            __CHECK
        };
    type __Message<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl ::athena_rt::__private::Function for __Model {
        type Input = __Message<Order>;
        type Environment = ();
        type Output = __Message<Price>;
        fn call(
            state: ::athena_rt::__private::State<__Message<Order>, ()>,
            emit: &mut ::athena_rt::__private::Emit<'_, __Message<Price>>,
        ) {
            emit.result(price(state));
        }
    }
    ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_function:: < __Model >
        (::athena_rt::__private::Source { function : "price", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned :
        ::core::option::Option::Some("pricing::total"), file : ::core::file!(), line :
        ::core::line!(), docs : "", many : false, error :
        ::core::option::Option::Some("PriceError"), })
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
fn r#loop(state: State<Order>) -> anyhow::Result<State<Price>> {
    todo!()
}
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Order as ::athena_rt::__private::Structure>::declared;
            0
        };
        __CHECK
    }
        | {
            const __CHECK: ::core::primitive::usize = {
                let _: fn() = <Price as ::athena_rt::__private::Structure>::declared;
                0
            };
            __CHECK
        };
    type __Message<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl ::athena_rt::__private::Function for __Model {
        type Input = __Message<Order>;
        type Environment = ();
        type Output = __Message<Price>;
        fn call(
            state: ::athena_rt::__private::State<__Message<Order>, ()>,
            emit: &mut ::athena_rt::__private::Emit<'_, __Message<Price>>,
        ) {
            emit.result(r#loop(state));
        }
    }
    ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_function:: < __Model >
        (::athena_rt::__private::Source { function : "loop", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned : ::core::option::Option::None, file :
        ::core::file!(), line : ::core::line!(), docs : "", many : false, error :
        ::core::option::Option::Some("anyhow::Error"), })
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
#[cfg(feature = "many")]
fn split(state: State<Order>) -> impl Iterator<Item = State<Line>> + use<> {
    std::iter::empty()
}
#[cfg(feature = "many")]
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Order as ::athena_rt::__private::Structure>::declared;
            0
        };
        __CHECK
    }
        | {
            const __CHECK: ::core::primitive::usize = {
                let _: fn() = <Line as ::athena_rt::__private::Structure>::declared;
                0
            };
            __CHECK
        };
    type __Message<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl ::athena_rt::__private::Function for __Model {
        type Input = __Message<Order>;
        type Environment = ();
        type Output = __Message<Line>;
        fn call(
            state: ::athena_rt::__private::State<__Message<Order>, ()>,
            emit: &mut ::athena_rt::__private::Emit<'_, __Message<Line>>,
        ) {
            emit.states(split(state));
        }
    }
    ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_function:: < __Model >
        (::athena_rt::__private::Source { function : "split", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned : ::core::option::Option::None, file :
        ::core::file!(), line : ::core::line!(), docs : "", many : true, error :
        ::core::option::Option::None, })
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
fn check(
    state: State<Order>,
) -> impl Iterator<Item = Result<State<Line>, Box<dyn Error + Send>>> {
    std::iter::empty()
}
const _: () = {
    const __CHECKED_MESSAGES: ::core::primitive::usize = {
        const __CHECK: ::core::primitive::usize = {
            let _: fn() = <Order as ::athena_rt::__private::Structure>::declared;
            0
        };
        __CHECK
    }
        | {
            const __CHECK: ::core::primitive::usize = {
                let _: fn() = <Line as ::athena_rt::__private::Structure>::declared;
                0
            };
            __CHECK
        };
    type __Message<__T> = <__T as ::athena_rt::__private::CheckedType<
        { __CHECKED_MESSAGES },
    >>::Type;
    struct __Model;
    #[automatically_derived]
    impl ::athena_rt::__private::Function for __Model {
        type Input = __Message<Order>;
        type Environment = ();
        type Output = __Message<Line>;
        fn call(
            state: ::athena_rt::__private::State<__Message<Order>, ()>,
            emit: &mut ::athena_rt::__private::Emit<'_, __Message<Line>>,
        ) {
            emit.results(check(state));
        }
    }
    ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_function:: < __Model >
        (::athena_rt::__private::Source { function : "check", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned : ::core::option::Option::None, file :
        ::core::file!(), line : ::core::line!(), docs : "", many : true, error :
        ::core::option::Option::Some("Box<dyn Error + Send>"), })
    }
};
#[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
async fn quote(
    state: State<Order, Settings>,
) -> Result<State<Price, Settings>, PriceError> {
    todo!()
}
const _: () = {
    ::athena_rt::__private::async_model! {
        const __CHECKED_MESSAGES : ::core::primitive::usize = { const __CHECK :
        ::core::primitive::usize = { let _ : fn () = < Order as
        ::athena_rt::__private::Structure > ::declared; 0 }; __CHECK } | { const __CHECK
        : ::core::primitive::usize = { let _ : fn () = < Price as
        ::athena_rt::__private::Structure > ::declared; 0 }; __CHECK }; type __Message <
        __T > = < __T as ::athena_rt::__private::CheckedType < { __CHECKED_MESSAGES } >>
        ::Type; struct __Model; #[automatically_derived] impl
        ::athena_rt::__private::AsyncFunction for __Model { type Input = __Message <
        Order >; type Environment = Settings; type Output = __Message < Price >; async fn
        call(state : ::athena_rt::__private::State < __Message < Order >, Settings >,
        emit : & mut ::athena_rt::__private::Emit < '_, __Message < Price > >) { emit
        .result(quote(state). await); } } ::athena_rt::__private::inventory::submit! {
        ::athena_rt::__private::Model::for_async_function:: < __Model >
        (::athena_rt::__private::Source { function : "quote", module :
        ::core::module_path!(), package : ::core::env!("CARGO_PKG_NAME"), version :
        ::core::env!("CARGO_PKG_VERSION"), pinned :
        ::core::option::Option::Some("pricing::quote"), file : ::core::file!(), line :
        ::core::line!(), docs : "", many : false, error :
        ::core::option::Option::Some("PriceError"), }) }
    }
};
