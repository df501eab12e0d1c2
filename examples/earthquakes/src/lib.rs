//! Models over a week of real earthquakes: one assesses a quake as seen from a home, one returns
//! several messages for one, and one fails on some messages.

mod geo;
pub mod message;

use std::fmt;

use athena_rt::prelude::*;

use crate::message::{AlertLevel, Assessment, Notice, Quake, Review, Status};

/// The location of the home, and the contacts to notify.
#[environment(prefix = "HOME_")]
pub struct Home {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The distance, in kilometres, at which a quake of magnitude 0 would be felt.
    #[default(1.0)]
    pub feels_within: f64,
    /// The contacts to notify of a quake that is felt.
    pub contacts: Vec<String>,
}

/// Assesses a quake as seen from home.
#[model]
fn assess(state: State<Quake, Home>) -> State<Assessment, Home> {
    let quake = &state.data;
    let magnitude = quake.properties.mag;
    let (longitude, latitude, depth_km) = quake.geometry.coordinates;
    let home = (state.env.latitude, state.env.longitude);
    let distance_km = geo::distance_km(home, (latitude, longitude)).hypot(depth_km);
    let felt = distance_km <= state.env.feels_within * 10_f64.powf(magnitude / 2.0);
    let assessment = Assessment {
        id: quake.id.clone(),
        energy_joules: 10_f64.powf(1.5 * magnitude + 4.8),
        distance_km,
        felt,
        level: level(magnitude, felt, quake.properties.tsunami == 1),
        reports: quake.properties.felt,
        intensity: quake.properties.cdi,
    };
    state.with(assessment)
}

fn level(magnitude: f64, felt: bool, tsunami: bool) -> AlertLevel {
    match (felt, tsunami) {
        (_, true) if magnitude >= 6.0 => AlertLevel::Red,
        (true, _) if magnitude >= 5.0 => AlertLevel::Orange,
        (true, _) => AlertLevel::Yellow,
        _ => AlertLevel::Green,
    }
}

/// Notifies every contact of a quake that is felt at home, and nobody of other quakes.
#[model]
fn notify(state: State<Quake, Home>) -> impl Iterator<Item = State<Notice, Home>> {
    let place = state.data.properties.place.clone();
    let assessed = assess(state);
    let contacts = if assessed.data.felt { assessed.env.contacts.clone() } else { Vec::new() };
    contacts.into_iter().map(move |contact| {
        let text = format!("{place}: {:.0} km from home", assessed.data.distance_km);
        assessed.with(Notice { contact, text, level: assessed.data.level.clone() })
    })
}

/// The reason why an event is not reviewed.
#[derive(Debug)]
pub enum ReviewError {
    /// A quarry blast or an explosion.
    NoEarthquake(String),
    /// Its location was not computed from measured times.
    NotLocated,
}

impl fmt::Display for ReviewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEarthquake(kind) => write!(f, "a {kind} is not an earthquake"),
            Self::NotLocated => write!(f, "the travel time residual is missing"),
        }
    }
}

/// Reports how well a quake is located. Fails if the event is not an earthquake, or has no location
/// error.
#[model]
fn review(state: State<Quake>) -> Result<State<Review>, ReviewError> {
    let properties = &state.data.properties;
    if properties.r#type != "earthquake" {
        return Err(ReviewError::NoEarthquake(properties.r#type.clone()));
    }
    let residual = properties.rms.ok_or(ReviewError::NotLocated)?;
    let well_surrounded = properties.gap.is_some_and(|gap| gap < 180.0);
    Ok(state.with(Review {
        id: state.data.id.clone(),
        is_final: properties.status == Status::Reviewed,
        is_good: residual < 0.5 && well_surrounded,
        stations: properties.nst,
    }))
}
