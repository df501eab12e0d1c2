//! The input, in the format of the survey's feed, and the outputs of the models.

use athena_rt::prelude::*;

/// One event: a GeoJSON feature.
#[structure]
pub struct Quake {
    /// `Feature`.
    pub r#type: String,
    /// What is known of it.
    pub properties: Properties,
    /// Where it was.
    pub geometry: Geometry,
    /// The event's id.
    pub id: String,
}

/// What is known of an event.
#[structure]
pub struct Properties {
    /// Magnitude.
    pub mag: f64,
    /// A place near by, in words.
    pub place: String,
    /// When it was: milliseconds since 1970.
    pub time: i64,
    /// When the record was last changed: milliseconds since 1970.
    pub updated: i64,
    /// Minutes from UTC at the place.
    pub tz: Option<i32>,
    /// The event's page.
    pub url: String,
    /// The event's full record.
    pub detail: String,
    /// How many people reported that they felt it.
    pub felt: Option<u32>,
    /// Intensity as people reported it.
    pub cdi: Option<f64>,
    /// Intensity as instruments measured it.
    pub mmi: Option<f64>,
    /// The survey's own alert level.
    pub alert: Option<AlertColor>,
    /// Whether a person has looked at it.
    pub status: Status,
    /// 1 where a tsunami was possible.
    pub tsunami: u8,
    /// How significant it was, from 0 to 1000.
    pub sig: u16,
    /// The network that reported it first.
    pub net: String,
    /// Its id in that network.
    pub code: String,
    /// Its ids in all networks.
    pub ids: String,
    /// All networks that reported it.
    pub sources: String,
    /// What the survey has on it.
    pub types: String,
    /// How many stations located it.
    pub nst: Option<u32>,
    /// Degrees to the nearest station.
    pub dmin: Option<f64>,
    /// Travel time residual in seconds.
    pub rms: Option<f64>,
    /// The largest angle without a station, in degrees.
    pub gap: Option<f64>,
    /// How the magnitude was computed.
    pub mag_type: String,
    /// `earthquake`, `quarry blast`, ..
    pub r#type: String,
    /// Magnitude and place in words.
    pub title: String,
}

/// A point.
#[structure]
pub struct Geometry {
    /// `Point`.
    pub r#type: String,
    /// Degrees east, degrees north, kilometres below the surface.
    pub coordinates: (f64, f64, f64),
}

/// The survey's alert levels.
#[structure]
#[serde(rename_all = "lowercase")]
pub enum AlertColor {
    /// Little or no damage.
    Green,
    /// Some damage.
    Yellow,
    /// Serious damage.
    Orange,
    /// A disaster.
    Red,
}

/// Whether a person has looked at a record.
#[structure]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not yet.
    Automatic,
    /// Yes.
    Reviewed,
    /// Yes, and it was none.
    Deleted,
}

/// How much a quake matters at home.
#[structure]
pub enum AlertLevel {
    /// It does not.
    Green,
    /// It is felt.
    Yellow,
    /// It is felt and strong.
    Orange,
    /// There may be a tsunami.
    Red,
}

/// A quake as seen from home.
#[structure]
pub struct Assessment {
    /// The event's id.
    pub id: String,
    /// Energy released.
    // The last digits of powers and sines differ from one system's mathematics library to the next.
    #[tolerance(rel = 1e-12)]
    pub energy_joules: f64,
    /// From home to where it broke.
    #[tolerance(rel = 1e-12)]
    pub distance_km: f64,
    /// Whether it is felt at home.
    pub felt: bool,
    /// How much it matters.
    pub level: AlertLevel,
    /// How many people reported that they felt it.
    pub reports: Option<u32>,
    /// Intensity as people reported it.
    pub intensity: Option<f64>,
}

/// A message to someone.
#[structure]
pub struct Notice {
    /// Whom it is for.
    pub contact: String,
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub level: AlertLevel,
}

/// How well a quake is located.
#[structure]
pub struct Review {
    /// The event's id.
    pub id: String,
    /// Whether a person has looked at it.
    pub is_final: bool,
    /// Whether its location can be relied on.
    pub is_good: bool,
    /// How many stations located it.
    pub stations: Option<u32>,
}
